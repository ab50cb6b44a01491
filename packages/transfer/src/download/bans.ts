import type { PeerId } from '@libp2p/interface'

/** Peers that are remembered. Ours: a session that meets more liars than this has other troubles; the oldest goes first. */
const BANS_MAX = 1024

/** Peers that have sent what is not the file that was asked for. One set serves all downloads of a session. */
export class Bans {
  readonly #whys = new Map<string, string>()

  /** How many there are. */
  get size(): number {
    return this.#whys.size
  }

  has(peer: PeerId): boolean {
    return this.#whys.has(peer.toString())
  }

  /** Why a peer was banned, a sentence for a person; undefined when it was not. */
  why(peer: PeerId): string | undefined {
    return this.#whys.get(peer.toString())
  }

  /** @param why a sentence for a person */
  add(peer: PeerId, why: string): void {
    if (this.has(peer)) return
    const [oldest] = this.#whys.keys()
    if (this.#whys.size >= BANS_MAX && oldest !== undefined) this.#whys.delete(oldest)
    this.#whys.set(peer.toString(), why)
  }
}
