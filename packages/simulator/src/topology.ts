import { assert, type Random, randomInt, shuffle } from '@servent/machine'

/** Undirected edges, two words each: the nodes at its ends. */
export type Edges = Int32Array

/**
 * A random graph that is connected and nearly regular: as many random rings through all nodes as the degree asks for,
 * laid over one another, the last one in part. Two rings are an expander: the diameter grows as the logarithm of the
 * nodes. Edges that two rings share count once, so a small graph has a few less.
 *
 * @param degree - the mean, from 2 (one ring) to `nodes` - 1; need not be whole
 */
export function randomGraph(nodes: number, degree: number, random: Random): Edges {
  assert(
    nodes >= 2 && degree >= Math.min(2, nodes - 1),
    'a connected graph has two nodes and a mean degree of two at least'
  )
  const wanted = Math.round((nodes * degree) / 2)
  const edges = new EdgeList(nodes)
  const ring = Array.from({ length: nodes }, (_, node) => node)
  while (edges.count < wanted && edges.count < (nodes * (nodes - 1)) / 2) {
    shuffle(random, ring)
    for (let i = 0; i < nodes && edges.count < wanted; i++) {
      edges.add(ring[i] as number, ring[i + 1 === nodes ? 0 : i + 1] as number)
    }
  }
  return edges.toEdges()
}

/**
 * A graph as the real network grew it: each new node links to earlier ones, with a preference for those that have many
 * links already (Barabási and Albert, Science 286, 1999). A few hubs have hundreds.
 *
 * @param degree - the mean: each node brings half of it, at least one
 */
export function preferentialGraph(nodes: number, degree: number, random: Random): Edges {
  const each = Math.max(1, Math.round(degree / 2))
  const edges = new EdgeList(nodes)
  // A node stands here once for each of its links, so that a uniform draw prefers it by their number.
  const chosen: number[] = [0]
  for (let node = 1; node < nodes; node++) {
    for (let link = 0, tries = 0; link < Math.min(each, node) && tries < 20 * each; tries++) {
      const other = chosen[randomInt(random, chosen.length)] as number
      if (!edges.add(node, other)) continue
      chosen.push(other)
      link++
    }
    for (let link = 0; link < each; link++) chosen.push(node)
  }
  return edges.toEdges()
}

/** Edges without doubles and loops: a hash set of pairs, open addressing, at most half full. */
class EdgeList {
  #edges = new Int32Array(1024)
  #table = new Int32Array(2048)
  count = 0

  constructor(nodes: number) {
    assert(nodes < 2 ** 28, 'nodes can be numbered')
  }

  /** @returns false for a loop, or an edge that is there */
  add(a: number, b: number): boolean {
    if (a === b) return false
    const low = Math.min(a, b)
    const high = Math.max(a, b)
    const slot = this.#find(low, high)
    if (this.#table[slot] !== 0) return false
    this.#table[slot] = this.count + 1
    this.#edges[2 * this.count] = low
    this.#edges[2 * this.count + 1] = high
    this.count++
    if (this.count * 2 === this.#edges.length) this.#grow()
    return true
  }

  toEdges(): Edges {
    return this.#edges.slice(0, 2 * this.count)
  }

  #find(low: number, high: number): number {
    const mask = this.#table.length - 1
    const product = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)
    let slot = (product ^ (product >>> 15)) & mask
    for (;;) {
      const edge = (this.#table[slot] as number) - 1
      if (edge < 0 || (this.#edges[2 * edge] === low && this.#edges[2 * edge + 1] === high)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const grown = new Int32Array(this.#edges.length * 2)
    grown.set(this.#edges)
    this.#edges = grown
    this.#table = new Int32Array(this.#table.length * 2)
    for (let edge = 0; edge < this.count; edge++) {
      this.#table[this.#find(grown[2 * edge] as number, grown[2 * edge + 1] as number)] = edge + 1
    }
  }
}

/** Who is next to whom, each node's neighbors in a row: those of `node` are `peers[start[node]]` to `peers[start[node + 1] - 1]`. */
export interface Adjacency {
  readonly start: Int32Array
  readonly peers: Int32Array
}

/** Edges by node. Whoever builds nodes in this order has what belongs to one node side by side in memory. */
export function adjacencyOf(nodes: number, edges: Edges): Adjacency {
  const start = new Int32Array(nodes + 1)
  for (const node of edges) start[node + 1] = (start[node + 1] as number) + 1
  for (let node = 0; node < nodes; node++) start[node + 1] = (start[node + 1] as number) + (start[node] as number)
  const peers = new Int32Array(edges.length)
  const next = start.slice()
  for (let i = 0; i < edges.length; i++) {
    const node = edges[i] as number
    const place = next[node] as number
    peers[place] = edges[i ^ 1] as number
    next[node] = place + 1
  }
  return { start, peers }
}
