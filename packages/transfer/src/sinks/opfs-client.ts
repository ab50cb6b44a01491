import { SinkFailedError, SinkFullError } from '../errors.ts'
import type { OpfsAnswer, OpfsAnswerTo, OpfsRequest } from './opfs-messages.ts'

interface Waiting {
  resolve(answer: OpfsAnswer): void
  reject(error: Error): void
}

/** The page's end of the worker that writes downloads; one for all of them. */
class OpfsClient {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #broken: Error | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; answer: OpfsAnswer }>) => {
      this.#waiting.get(data.id)?.resolve(data.answer)
      this.#waiting.delete(data.id)
    })
    const onError = (): void => {
      this.#broken ??= new SinkFailedError(
        'The part of this page that saves files could not be started, or has failed.'
      )
      for (const { reject } of this.#waiting.values()) reject(this.#broken)
      this.#waiting.clear()
    }
    worker.addEventListener('error', onError)
    worker.addEventListener('messageerror', onError)
  }

  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /**
   * Asks, and hands over the buffers named.
   *
   * @throws SinkFullError, SinkFailedError
   */
  async ask<Type extends OpfsRequest['type']>(
    request: Extract<OpfsRequest, { type: Type }>,
    transfer: Transferable[] = []
  ): Promise<OpfsAnswerTo[Type]> {
    const answer = await new Promise<OpfsAnswer>((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken)
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, request }, transfer)
    })
    if (answer.type === 'failed')
      throw answer.isFull ? new SinkFullError(answer.problem) : new SinkFailedError(answer.problem)
    return answer as OpfsAnswerTo[Type]
  }
}

let client: OpfsClient | undefined

/** @throws SinkFailedError where there can be no worker */
export function opfsClient(): OpfsClient {
  if (client === undefined || client.isBroken) client = new OpfsClient(startWorker())
  return client
}

function startWorker(): Worker {
  try {
    // Spelled so that bundlers find the worker and bundle it.
    return new Worker(new URL('./opfs-worker.js', import.meta.url), { type: 'module', name: 'servent-downloads' })
  } catch (error) {
    throw new SinkFailedError('This browser does not let the page save files in the background.', { cause: error })
  }
}
