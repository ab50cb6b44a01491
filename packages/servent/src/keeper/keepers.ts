import type { ServentNode } from '../node.ts'
import { ProtocolMark } from '../protocol-mark.ts'

/** What a keeper is known by. */
const KEEPER_MARK = '/servent/keeper/1.0.0'

/** Who among the connected peers keeps files for others. */
export class Keepers {
  readonly #mark: ProtocolMark
  readonly #isKeeper: boolean
  readonly #onChange: () => void
  readonly #peers = new Set<string>()

  /** @param isKeeper - whether this peer is one */
  constructor(node: ServentNode, isKeeper: boolean, onChange: () => void) {
    this.#mark = new ProtocolMark(node, KEEPER_MARK)
    this.#isKeeper = isKeeper
    this.#onChange = onChange
  }

  has(peerId: string): boolean {
    return this.#peers.has(peerId)
  }

  async start(): Promise<void> {
    if (this.#isKeeper) await this.#mark.show()
    await this.#mark.watch({
      onMet: (peerId) => {
        this.#peers.add(peerId)
        this.#onChange()
      },
      onGone: (peerId) => {
        if (this.#peers.delete(peerId)) this.#onChange()
      },
    })
  }

  stop(): Promise<void> {
    return this.#mark.stop()
  }
}
