import type { Key } from '@servent/keyspace'
import { ABUTTING, contains, depthMax, halves, homeOf, NESTED, relationOf, wholeTorus, type Zone } from './zone.ts'

/** How a torus is grown. */
export interface TorusOptions {
  readonly dimensions: number
  /** Which coordinate space: nodes join each at another point. */
  readonly reality: number
  /** Whether a node asked to split leaves it to a neighbor with a larger zone (§3.7). */
  readonly uniform: boolean
}

/** A torus that nodes have joined one after the other: who has which zone, and who is beside whom. */
export interface IdealTorus {
  /** The zone of each node. */
  readonly zones: readonly Zone[]
  /** The nodes with abutting zones, by node. */
  readonly neighbors: readonly (readonly number[])[]
}

/**
 * The torus after nodes 0 to `count` - 1 have joined in this order, nobody having left: what real joins arrive at. For
 * starting large simulations, and as the oracle of tests.
 *
 * @param keyOf - the key of a node
 */
export function idealTorus(count: number, keyOf: (node: number) => Key, options: TorusOptions): IdealTorus {
  const growing = new GrowingTorus(options)
  for (let node = 0; node < count; node++) growing.join(keyOf(node))
  return growing
}

/** The tree of splits: an inner vertex has two children, a leaf a node. */
class GrowingTorus implements IdealTorus {
  readonly zones: Zone[] = []
  readonly neighbors: number[][] = []
  readonly #options: TorusOptions
  /** Two words a vertex: its children if positive; a leaf's node is written as its complement. */
  readonly #children: number[] = []
  /** The leaf of each node. */
  readonly #leaf: number[] = []

  constructor(options: TorusOptions) {
    this.#options = options
  }

  join(key: Key): void {
    const { dimensions, reality, uniform } = this.#options
    if (this.zones.length === 0) return this.#found(dimensions)
    const home = homeOf(key, dimensions, reality)
    const asked = this.#ownerOf(home)
    const owner = uniform ? this.#roomiest(asked) : asked
    const zone = this.zones[owner] as Zone
    if (zone.depth >= depthMax(dimensions)) throw new RangeError('two nodes have keys that are too near')
    this.#split(owner, halves(zone), home)
  }

  #found(dimensions: number): void {
    this.zones.push(wholeTorus(dimensions))
    this.neighbors.push([])
    this.#children.push(~0, 0)
    this.#leaf.push(0)
  }

  #ownerOf(point: readonly number[]): number {
    const dimensions = point.length
    let vertex = 0
    // A vertex's zone is found on the way down: at depth k the k-th bit of the path is one of dimension k mod d.
    for (let depth = 0; ; depth++) {
      const child = this.#children[2 * vertex] as number
      if (child < 0) return ~child
      const shift = 23 - Math.floor(depth / dimensions)
      const bit = ((point[depth % dimensions] as number) >>> shift) & 1
      vertex = this.#children[2 * vertex + bit] as number
    }
  }

  /** Follows larger zones as long as there are any. */
  #roomiest(from: number): number {
    let roomiest = from
    for (;;) {
      const before = roomiest
      for (const neighbor of this.neighbors[before] as number[]) {
        if ((this.zones[neighbor] as Zone).depth < (this.zones[roomiest] as Zone).depth) roomiest = neighbor
      }
      if (roomiest === before) return roomiest
    }
  }

  /** The newcomer gets the half with its home; the upper one if neither has it. */
  #split(owner: number, [lower, upper]: [Zone, Zone], home: readonly number[]): void {
    const joiner = this.zones.length
    const getsLower = contains(lower, home)
    const [given, kept] = getsLower ? [lower, upper] : [upper, lower]
    this.zones.push(given)
    this.zones[owner] = kept
    this.#growTree(owner, joiner, getsLower)
    const candidates = this.neighbors[owner] as number[]
    this.neighbors[owner] = candidates.filter((other) => this.#areBeside(owner, other))
    this.neighbors.push(candidates.filter((other) => this.#areBeside(joiner, other)))
    for (const other of candidates) {
      const theirs = this.neighbors[other] as number[]
      if (!this.#areBeside(owner, other)) theirs.splice(theirs.indexOf(owner), 1)
      if (this.#areBeside(joiner, other)) theirs.push(joiner)
    }
    this.neighbors[owner]?.push(joiner)
    this.neighbors[joiner]?.push(owner)
  }

  #growTree(owner: number, joiner: number, getsLower: boolean): void {
    const leaf = this.#leaf[owner] as number
    const lowerLeaf = this.#children.length / 2
    this.#children.push(getsLower ? ~joiner : ~owner, 0, getsLower ? ~owner : ~joiner, 0)
    this.#children[2 * leaf] = lowerLeaf
    this.#children[2 * leaf + 1] = lowerLeaf + 1
    this.#leaf[owner] = getsLower ? lowerLeaf + 1 : lowerLeaf
    this.#leaf[joiner] = getsLower ? lowerLeaf : lowerLeaf + 1
  }

  #areBeside(a: number, b: number): boolean {
    const relation = relationOf(this.zones[a] as Zone, this.zones[b] as Zone)
    return relation === ABUTTING || relation === NESTED
  }
}
