import type { CID } from 'multiformats/cid'
import type { LookupOverlay, ProviderListener, Way } from '../src/overlays/lookup-overlay.ts'

/** A structured overlay that writes down what it is asked, and answers when the test says so. */
export class CallsOverlay implements LookupOverlay {
  readonly name = 'chord' as const
  readonly provided: string[] = []
  readonly unprovided: string[] = []
  /** How each `provide` and `findProviders` ends, in their order. */
  readonly answers: PromiseWithResolvers<void>[] = []
  readonly listeners: ProviderListener[] = []

  provide(cid: CID): Promise<void> {
    this.provided.push(cid.toString())
    return this.#answer()
  }

  async stopProviding(cid: CID): Promise<void> {
    this.unprovided.push(cid.toString())
  }

  findProviders(_cid: CID, listener: ProviderListener): Promise<void> {
    this.listeners.push(listener)
    return this.#answer()
  }

  async put(): Promise<Way & { readonly replicas: number }> {
    return { path: [], timeouts: 0, replicas: 0 }
  }

  async get(): Promise<Way & { readonly value: Uint8Array }> {
    return { path: [], timeouts: 0, value: new Uint8Array(0) }
  }

  #answer(): Promise<void> {
    const answer = Promise.withResolvers<void>()
    this.answers.push(answer)
    return answer.promise
  }
}
