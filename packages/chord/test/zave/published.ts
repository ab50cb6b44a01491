// The protocol as it was published (ToN Figs 6 and §IV-E.3), each procedure one step: to show what is wrong with it.
import { between, type Member } from './invariants.ts'

interface PublishedNode {
  readonly id: number
  successors: number[]
  predecessor: number | undefined
}

/** A ring kept by `join`, `stabilize`, `notify` and `check_predecessor`, with successor lists of `r`. */
export class PublishedRing {
  readonly #r: number
  readonly #nodes = new Map<number, PublishedNode>()

  /** `create()`: a ring of one node. */
  constructor(r: number, first: number) {
    this.#r = r
    this.#nodes.set(first, { id: first, successors: [first], predecessor: undefined })
  }

  get members(): Member[] {
    return [...this.#nodes.values()].map(({ id, successors }) => ({ id, successors }))
  }

  has(id: number): boolean {
    return this.#nodes.has(id)
  }

  /** `n.join(n')`: "predecessor = nil; successor = n'.find_successor(n)". A pointer, no list. */
  join(id: number): boolean {
    for (const { id: other, successors } of this.#nodes.values()) {
      const successor = successors.find((entry) => this.has(entry))
      if (successor === undefined || !(other === successor || between(other, id, successor))) continue
      this.#nodes.set(id, { id, successors: [successor], predecessor: undefined })
      return true
    }
    return false
  }

  /** `n.stabilize()`, and "list = [s] + s.list without its last entry". */
  stabilize(id: number): void {
    const node = this.#nodes.get(id)
    if (node === undefined) return
    // "Upon failure of the successor, use the first live entry."
    node.successors = node.successors.slice(node.successors.findIndex((entry) => this.has(entry)))
    const successor = this.#nodes.get(node.successors[0] as number)
    if (successor === undefined) return
    node.successors = [successor.id, ...successor.successors].slice(0, this.#r)
    const x = successor.predecessor
    // "if (x ∈ (n, successor)) successor = x": whether x is alive is not asked.
    if (x !== undefined && between(id, x, successor.id)) node.successors = [x, ...node.successors].slice(0, this.#r)
    this.#notify(node.successors[0] as number, id)
  }

  /** `n.check_predecessor()`. */
  checkPredecessor(id: number): void {
    const node = this.#nodes.get(id)
    if (node?.predecessor !== undefined && !this.has(node.predecessor)) node.predecessor = undefined
  }

  fail(id: number): void {
    this.#nodes.delete(id)
  }

  #notify(id: number, by: number): void {
    const node = this.#nodes.get(id)
    if (node === undefined || id === by) return
    if (node.predecessor === undefined || between(node.predecessor, by, id)) node.predecessor = by
  }
}
