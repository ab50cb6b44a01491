// Runs in a worker of a page: hashes what it is sent. Chromium computes digests on the thread that asks for them.
import type { FileHasher } from './hasher.ts'
import { webHasher } from './web-hasher.ts'
import type { HashRequest, HashResponse } from './worker-messages.ts'

const NOTHING = new Uint8Array(0)
const files = new Map<number, FileHasher>()

addEventListener('message', ({ data }: MessageEvent<HashRequest>) => {
  answer(data).then(
    (digest) => reply({ id: data.id, digest }),
    (error: unknown) => reply({ id: data.id, problem: error instanceof Error ? error.message : String(error) })
  )
})

async function answer(request: HashRequest): Promise<Uint8Array> {
  switch (request.type) {
    case 'sha256':
      return webHasher.sha256(request.bytes)
    case 'file':
      files.set(request.file, await webHasher.file())
      return NOTHING
    case 'chunk':
      return file(request.file).chunk(request.bytes)
    case 'sha1':
      return file(request.file)
        .sha1()
        .finally(() => files.delete(request.file))
    case 'cancel':
      files.delete(request.file)
      return NOTHING
  }
}

function file(number: number): FileHasher {
  const known = files.get(number)
  if (known === undefined) throw new Error('No such file is being hashed')
  return known
}

function reply(response: HashResponse): void {
  postMessage(response)
}
