interface Waiting<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** Calls into a worker of a page: each request goes with a number, and so does its answer. */
export class WorkerCalls<Request extends object, Answer extends object> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting<Answer>>()
  #lastId = 0
  #broken: Error | undefined

  /** @param breakage what every call rejects with once the worker could not be loaded, or has died */
  constructor(worker: Worker, breakage: () => Error) {
    this.#worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<Answer & { readonly id: number }>) => {
      this.#waiting.get(data.id)?.resolve(data)
      this.#waiting.delete(data.id)
    })
    const onError = () => {
      if (this.#broken !== undefined) return
      this.#broken = breakage()
      for (const { reject } of this.#waiting.values()) reject(this.#broken)
      this.#waiting.clear()
    }
    worker.addEventListener('error', onError)
    worker.addEventListener('messageerror', onError)
  }

  /** Whether every call rejects. */
  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /** Asks, and hands over what is named. */
  call(request: Request, transfer: Transferable[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken)
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...request, id }, transfer)
    })
  }
}
