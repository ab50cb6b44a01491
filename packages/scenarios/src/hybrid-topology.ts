import { assert, type Random, shuffle } from '@servent/machine'
import { type Adjacency, adjacencyOf, type Edges, randomGraph } from '@servent/simulator'

// From LimeWire: a leaf keeps three ultrapeers.
const ULTRAPEERS_PER_LEAF = 3

/** Ultrapeers that so many nodes need, if each has so many leaves on average: two at least. */
export function ultrapeerCount(nodes: number, leavesPerUltrapeer: number): number {
  const count = Math.round((nodes * ULTRAPEERS_PER_LEAF) / (leavesPerUltrapeer + ULTRAPEERS_PER_LEAF))
  return Math.min(nodes, Math.max(2, count))
}

/**
 * A random graph of ultrapeers, the nodes with the lowest numbers, and leaves dealt out to them like cards: about as
 * many to each, the ultrapeers of one leaf all different.
 *
 * @param ultrapeers - how many of the nodes are
 * @param degree - links of an ultrapeer to others, on average; fewer where there are not so many
 */
export function hybridTopology(nodes: number, ultrapeers: number, degree: number, random: Random): Adjacency {
  assert(ultrapeers >= 2 && ultrapeers <= nodes, 'some nodes are ultrapeers')
  const among = randomGraph(ultrapeers, Math.min(degree, ultrapeers - 1), random)
  const below = dealLeaves(nodes, ultrapeers, random)
  const edges = new Int32Array(among.length + below.length)
  edges.set(among)
  edges.set(below, among.length)
  return adjacencyOf(nodes, edges)
}

function dealLeaves(nodes: number, ultrapeers: number, random: Random): Edges {
  const each = Math.min(ULTRAPEERS_PER_LEAF, ultrapeers)
  const edges = new Int32Array(2 * each * (nodes - ultrapeers))
  let count = 0
  let deck: number[] = []
  for (let leaf = ultrapeers; leaf < nodes; leaf++) {
    // What is left of the deck goes back into it, so that no leaf is dealt the same card twice.
    if (deck.length < each)
      deck = shuffle(
        random,
        Array.from({ length: ultrapeers }, (_, ultrapeer) => ultrapeer)
      )
    for (const ultrapeer of deck.splice(-each)) {
      edges[count++] = ultrapeer
      edges[count++] = leaf
    }
  }
  return edges
}
