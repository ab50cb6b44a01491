/** Which nodes run, and for which time each: what was meant for an earlier incarnation of a node is not for this one. */
export class Population {
  readonly size: number
  readonly #up: Uint8Array
  readonly #incarnations: Int32Array

  constructor(size: number) {
    this.size = size
    this.#up = new Uint8Array(size)
    this.#incarnations = new Int32Array(size)
  }

  get bytes(): number {
    return this.#up.byteLength + this.#incarnations.byteLength
  }

  isUp(node: number): boolean {
    return this.#up[node] === 1
  }

  /** Whether a peer, which may be anything that a machine calls one, is a node other than this one. */
  isOther(node: number, peer: unknown): peer is number {
    return typeof peer === 'number' && peer >= 0 && peer < this.size && Number.isInteger(peer) && peer !== node
  }

  incarnationOf(node: number): number {
    return this.#incarnations[node] as number
  }

  setUp(node: number, isUp: boolean): void {
    this.#up[node] = isUp ? 1 : 0
    if (!isUp) this.#incarnations[node] = this.incarnationOf(node) + 1
  }
}
