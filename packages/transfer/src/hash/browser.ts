import type { FileHasher, Hasher } from './hasher.ts'
import { webHasher } from './web-hasher.ts'
import { WorkerHasher } from './worker-hasher.ts'

/** Hashes in one worker of the page; on the page's own thread where there can be none. */
export const hasher: Hasher = {
  sha256: (bytes) => withFallback((current) => current.sha256(bytes)),
  file: (): Promise<FileHasher> => withFallback((current) => current.file()),
}

/** Loaded with the page, as is what stands in for it: the server of the page may be gone when something is to be hashed. */
const worker = startWorker()

/** Tries again on the page's own thread if the worker turns out to be of no use. */
async function withFallback<T>(work: (hasher: Hasher) => Promise<T>): Promise<T> {
  if (worker?.isBroken === false) {
    try {
      return await work(worker)
    } catch (error) {
      if (!worker.isBroken) throw error
    }
  }
  return work(webHasher)
}

function startWorker(): WorkerHasher | undefined {
  try {
    // Spelled so that bundlers find the worker and bundle it.
    return new WorkerHasher(
      new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'servent-hash' })
    )
  } catch {
    // No workers here, or the page's policy forbids this one: hashing is slower then, and nothing is lost.
    return undefined
  }
}
