import type { Uploads } from '@servent/transfer'
import type { BitswapServer } from '@servent/transfer/bitswap'
import type { ServentNode } from './node.ts'

/**
 * Gives blocks of what is shared to programs of the IPFS network. Loaded after everything else, for a page has to be small
 * before it is everything.
 */
export class LateBitswap {
  readonly #node: ServentNode
  readonly #uploads: Uploads
  #isStopped = false
  #loading: Promise<void> | undefined
  #server: BitswapServer | undefined

  constructor(node: ServentNode, uploads: Uploads) {
    this.#node = node
    this.#uploads = uploads
  }

  start(): void {
    this.#loading = this.#load()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#loading
    await this.#server?.stop()
  }

  /** Never rejects: without it others read by HTTP. */
  async #load(): Promise<void> {
    try {
      const { BitswapServer } = await import('@servent/transfer/bitswap')
      if (this.#isStopped) return
      this.#server = new BitswapServer(this.#node, this.#uploads)
      await this.#server.start()
    } catch (error) {
      this.#node.logger.forComponent('servent:bitswap').error('not loaded: %s', error)
    }
  }
}
