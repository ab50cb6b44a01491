import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ContentUnreadableError } from '../errors.ts'
import type { FileHashes, ThreadRequest, ThreadResponse } from './thread-messages.ts'

/** Ours: how long a thread without work is kept, in milliseconds: a folder is hashed file after file. */
const IDLE_MS = 10_000

export interface HashOptions {
  readonly signal?: AbortSignal | undefined
  /** So many bytes more have been hashed. */
  onBytes(bytes: number): void
}

/** There can be no threads here: who wanted one hashes by itself, and nothing is lost but time. */
export class NoThreadError extends Error {
  override readonly name = 'NoThreadError'
}

/** Hashes files in threads, one file a thread and one thread a core at most. Further files wait. */
export class HashThreads {
  readonly #threadsMax: number
  readonly #idle: HashThread[] = []
  readonly #waiting: (() => void)[] = []
  #busyCount = 0
  #isBroken = false

  constructor(threadsMax: number = availableParallelism()) {
    this.#threadsMax = threadsMax
  }

  /**
   * @throws ContentUnreadableError when the file cannot be read or is not as it was; NoThreadError; the signal's reason
   */
  async hash(request: ThreadRequest, options: HashOptions): Promise<FileHashes> {
    while (this.#busyCount >= this.#threadsMax) await new Promise<void>((go) => this.#waiting.push(go))
    this.#busyCount++
    try {
      options.signal?.throwIfAborted()
      if (this.#isBroken) throw new NoThreadError('No thread could be started')
      return await this.#hash(request, options)
    } catch (error) {
      if (error instanceof NoThreadError) this.#isBroken = true
      throw error
    } finally {
      this.#busyCount--
      this.#waiting.shift()?.()
    }
  }

  async #hash(request: ThreadRequest, options: HashOptions): Promise<FileHashes> {
    const thread = this.#idle.pop() ?? startThread(() => this.#forget(thread))
    try {
      return await thread.hash(request, options)
    } finally {
      if (thread.isAlive) this.#idle.push(thread)
    }
  }

  #forget(thread: HashThread): void {
    const at = this.#idle.indexOf(thread)
    if (at !== -1) this.#idle.splice(at, 1)
  }
}

/** The threads of this process. */
export const hashThreads = new HashThreads()

function startThread(onEnd: () => void): HashThread {
  try {
    return new HashThread(onEnd)
  } catch (cause) {
    throw new NoThreadError('No thread could be started', { cause })
  }
}

class HashThread {
  readonly #worker: Worker
  readonly #onEnd: () => void
  #idleTimer: NodeJS.Timeout | undefined
  #isAlive = true

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
    // Sources run as they are, and a build is JavaScript.
    const file = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url)
    this.#worker = new Worker(file, { name: 'servent-hash' })
    this.#worker.unref()
    // Who waits for it is told by a listener of its own; without one here an error would end the process.
    this.#worker.on('error', () => this.#end())
    this.#worker.on('exit', () => this.#end())
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  async hash(request: ThreadRequest, { signal, onBytes }: HashOptions): Promise<FileHashes> {
    clearTimeout(this.#idleTimer)
    const worker = this.#worker
    const { promise, resolve, reject } = Promise.withResolvers<FileHashes>()
    const onResponse = (response: ThreadResponse): void => {
      if (response.type === 'bytes') onBytes(response.bytes)
      else if (response.type === 'hashes') resolve({ leaves: response.leaves, sha1: response.sha1 })
      else reject(new ContentUnreadableError(response.problem))
    }
    const onError = (cause?: unknown): void => reject(new NoThreadError('The hashing thread has died', { cause }))
    const onAbort = (): void => {
      // It may wait for a disk that does not answer: it is not asked to stop, it is stopped.
      this.#end()
      reject(signal?.reason)
    }
    worker.ref()
    worker.on('message', onResponse).on('error', onError).on('exit', onError)
    signal?.addEventListener('abort', onAbort)
    try {
      worker.postMessage(request)
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
      worker.off('message', onResponse).off('error', onError).off('exit', onError)
      worker.unref()
      this.#idleTimer = setTimeout(() => this.#end(), IDLE_MS).unref()
    }
  }

  #end(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    clearTimeout(this.#idleTimer)
    this.#onEnd()
    void this.#worker.terminate()
  }
}
