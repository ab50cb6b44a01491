import { type Peer, pick, type Random } from '@servent/machine'

/** Peers to join through, in turn; and peers that were lost, for the ring that they may be in. */
export class Contacts {
  readonly #contactsMax: number
  readonly #lostMax: number
  #contacts: Peer[] | undefined
  #lost: Peer[] | undefined

  constructor(contactsMax: number, lostMax: number) {
    this.#contactsMax = contactsMax
    this.#lostMax = lostMax
  }

  get size(): number {
    return (this.#contacts?.length ?? 0) + (this.#lost?.length ?? 0)
  }

  /** The contact whose turn it is; undefined if there is none. */
  get first(): Peer | undefined {
    return this.#contacts?.[0]
  }

  /** Whether a peer is one to join through. */
  has(peer: Peer): boolean {
    return this.#contacts?.includes(peer) ?? false
  }

  /** A contact to join through. The one that was told of longest ago makes room. */
  add(peer: Peer): void {
    this.#contacts = withLast(this.#contacts ?? [], peer, this.#contactsMax)
  }

  /** The contact whose turn it was gets its next one last. */
  turn(): void {
    const [first, ...others] = this.#contacts ?? []
    if (first !== undefined) this.#contacts = [...others, first]
  }

  /** A peer of the ring does not answer any more. */
  addLost(peer: Peer): void {
    if (this.#lostMax > 0) this.#lost = withLast(this.#lost ?? [], peer, this.#lostMax)
  }

  /** A lost peer is in our ring again, or always was. */
  removeLost(peer: Peer): void {
    if (this.#lost?.includes(peer)) this.#lost = this.#lost.filter((each) => each !== peer)
  }

  /** A lost peer, or a contact if none is lost. */
  pick(random: Random): Peer | undefined {
    return pick(random, this.#lost ?? []) ?? pick(random, this.#contacts ?? [])
  }
}

function withLast(list: readonly Peer[], peer: Peer, max: number): Peer[] {
  const others = list.filter((each) => each !== peer)
  return [...others.slice(Math.max(0, others.length + 1 - max)), peer]
}
