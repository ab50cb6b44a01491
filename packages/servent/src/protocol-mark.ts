import type { ServentNode } from './node.ts'

/**
 * A protocol over which nothing is said: whoever handles it is known for what it is, for identify tells every peer which protocols
 * another handles.
 */
export class ProtocolMark {
  readonly #node: ServentNode
  readonly #protocol: string
  #topologyId: string | undefined
  #isShown = false

  constructor(node: ServentNode, protocol: string) {
    this.#node = node
    this.#protocol = protocol
  }

  /** Bears the mark from now on. */
  async show(): Promise<void> {
    this.#isShown = true
    await this.#node.handle(this.#protocol, (stream) => stream.abort(new Error('nothing is said over this protocol')))
  }

  /** Looks for it on others: told of each connected peer that bears it, and when that goes. */
  async watch({ onMet, onGone = () => undefined }: MarkListener): Promise<void> {
    this.#topologyId = await this.#node.register(this.#protocol, {
      onConnect: (peerId) => onMet(peerId.toString()),
      onDisconnect: (peerId) => onGone(peerId.toString()),
    })
  }

  async stop(): Promise<void> {
    if (this.#topologyId !== undefined) this.#node.unregister(this.#topologyId)
    if (this.#isShown) await this.#node.unhandle(this.#protocol)
  }
}

interface MarkListener {
  onMet(peerId: string): void
  onGone?(peerId: string): void
}
