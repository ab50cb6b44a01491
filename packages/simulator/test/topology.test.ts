import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adjacencyOf, type Edges, preferentialGraph, randomFor, randomGraph } from '../src/index.ts'

function neighborsOf(nodes: number, edges: Edges): Set<number>[] {
  const neighbors = Array.from({ length: nodes }, () => new Set<number>())
  for (let i = 0; i < edges.length; i += 2) {
    const [a, b] = [edges[i] as number, edges[i + 1] as number]
    neighbors[a]?.add(b)
    neighbors[b]?.add(a)
  }
  return neighbors
}

function reachedFrom(start: number, neighbors: Set<number>[]): number {
  const reached = new Set([start])
  for (const node of reached) for (const next of neighbors[node] ?? []) reached.add(next)
  return reached.size
}

describe('topologies', () => {
  it('are connected, without loops and doubles, and of the degree asked for', () => {
    const size = fc.integer({ min: 3, max: 400 })
    const degree = fc.double({ min: 2, max: 8, noNaN: true })
    fc.assert(
      fc.property(size, degree, fc.nat(), (nodes, wanted, seed) => {
        const mean = Math.min(wanted, nodes - 1)
        const edges = randomGraph(nodes, mean, randomFor(seed, 'test'))
        const neighbors = neighborsOf(nodes, edges)
        expect(neighbors.reduce((sum, { size }) => sum + size, 0)).toBe(edges.length)
        expect(neighbors.some((set, node) => set.has(node))).toBe(false)
        expect(reachedFrom(0, neighbors)).toBe(nodes)
        expect(Math.abs(edges.length / 2 - (nodes * mean) / 2)).toBeLessThanOrEqual(0.5)
      }),
      { seed: 20260103, numRuns: 100 }
    )
  })

  it('are read by node as well as by edge', () => {
    const edges = randomGraph(200, 5, randomFor(1, 'test'))
    const { start, peers } = adjacencyOf(200, edges)
    const neighbors = neighborsOf(200, edges)
    for (let node = 0; node < 200; node++) {
      expect(new Set(peers.subarray(start[node], start[node + 1]))).toEqual(neighbors[node])
    }
    expect(start[200]).toBe(edges.length)
  })

  it('are nearly regular when they are random', () => {
    const sizes = neighborsOf(1000, randomGraph(1000, 4, randomFor(1, 'test'))).map(({ size }) => size)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6)
  })

  it('have hubs when nodes prefer those that have many links', () => {
    const neighbors = neighborsOf(1000, preferentialGraph(1000, 4, randomFor(1, 'test')))
    const sizes = neighbors.map(({ size }) => size)
    expect(reachedFrom(0, neighbors)).toBe(1000)
    expect(sizes.reduce((sum, size) => sum + size) / 1000).toBeCloseTo(4, 1)
    expect(Math.max(...sizes)).toBeGreaterThan(40)
  })

  it('are the same for the same seed', () => {
    const make = (seed: number) => randomGraph(100, 5, randomFor(seed, 'test')).join()
    expect(make(3)).toBe(make(3))
    expect(make(3)).not.toBe(make(4))
  })
})
