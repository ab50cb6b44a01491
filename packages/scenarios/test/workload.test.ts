import { keywords } from '@servent/library'
import { Catalog, OwnFiles, Zipf } from '@servent/scenarios'
import { randomFor } from '@servent/simulator'
import { describe, expect, it } from 'vitest'

describe('a workload', () => {
  it('draws ranks by the law of Zipf', () => {
    const zipf = new Zipf(100, 1)
    const random = randomFor(1, 'test')
    const counts = new Array<number>(100).fill(0)
    for (let i = 0; i < 100_000; i++) {
      const rank = zipf.draw(random)
      counts[rank] = (counts[rank] as number) + 1
    }
    const harmonic = counts.reduce((sum, _count, rank) => sum + 1 / (rank + 1), 0)
    for (const rank of [0, 1, 4, 49]) {
      const expected = 100_000 / harmonic / (rank + 1)
      expect(Math.abs((counts[rank] as number) - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })

  it('has files that a third of the nodes share, each found by its words alone', () => {
    const random = randomFor(1, 'test')
    const catalog = new Catalog(3000, random)
    const nodes = Array.from({ length: 3000 }, (_, node) => node)
    const sharers = nodes.filter((node) => catalog.libraryOf(node).fileCount > 0)
    expect(sharers.length / 3000).toBeCloseTo(0.34, 1)
    for (let i = 0; i < 20; i++) {
      const file = catalog.draw(random)
      const found = nodes.filter((node) => catalog.libraryOf(node).search(catalog.criteriaFor(file), 10).length > 0)
      expect(found).toEqual(nodes.filter((node) => catalog.holds(node, file)))
      expect(found.length).toBeGreaterThan(0)
      expect(keywords(catalog.criteriaFor(file))).toHaveLength(2)
    }
  })

  it('has a file even for two nodes', () => {
    const random = randomFor(3, 'test')
    const catalog = new Catalog(2, random)
    expect(catalog.draw(random)).toBeLessThan(catalog.files)
  })

  it('has files of their own choice for a third of the nodes, some that many have and many that few have', () => {
    const workload = new OwnFiles(5000, randomFor(1, 'test'))
    const nodes = Array.from({ length: 5000 }, (_, node) => node)
    const libraries = nodes.map((node) => workload.libraryOf(node))
    expect(libraries.filter(({ fileCount }) => fileCount > 0).length / 5000).toBeCloseTo(0.34, 1)
    const holderCounts = Array.from({ length: workload.files }, (_, file) => workload.holdersOf(file).length)
    expect(holderCounts[0]).toBeGreaterThan(200)
    expect(holderCounts.filter((count) => count > 0 && count <= 10).length).toBeGreaterThan(2000)
    const placed = holderCounts.reduce((sum, count) => sum + count)
    expect(placed).toBe(libraries.reduce((sum, { fileCount }) => sum + fileCount, 0))
  })

  it('finds a file of their own choice by its words, which other files have too', () => {
    const random = randomFor(2, 'test')
    const workload = new OwnFiles(3000, random)
    const nodes = Array.from({ length: 3000 }, (_, node) => node)
    let othersWithWords = 0
    for (let i = 0; i < 20; i++) {
      const file = workload.draw(random)
      const words = keywords(workload.criteriaFor(file))
      expect(words).toHaveLength(3)
      const found = nodes.filter((node) => workload.libraryOf(node).search(words.join(' '), 10).length > 0)
      expect(found).toEqual(workload.holdersOf(file))
      expect(found).toEqual(nodes.filter((node) => workload.holds(node, file)))
      const some = nodes.filter((node) => words.some((word) => workload.libraryOf(node).search(word, 1).length > 0))
      othersWithWords += some.length - found.length
    }
    expect(othersWithWords).toBeGreaterThan(1000)
  })
})
