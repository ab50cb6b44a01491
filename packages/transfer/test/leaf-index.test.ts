import { type Draw, draws } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { digestAt } from '../src/dag/tree.ts'
import { LeafIndex, type LeafPlace } from '../src/serve/leaf-index.ts'

const digestFrom = (draw: Draw) => Array.from({ length: 32 }, () => draw(256))

/** Packed digests, of which some are of a few that many files have. */
function leavesFrom(draw: Draw, common: readonly number[][], countMax: number): Uint8Array {
  const pick = () => (draw(4) === 0 ? (common[draw(common.length)] ?? []) : digestFrom(draw))
  return Uint8Array.from(Array.from({ length: 1 + draw(countMax) }, pick).flat())
}

/** What the index is to find, by going through everything. */
function searched(files: ReadonlyMap<string, Uint8Array>, digest: Uint8Array): LeafPlace<string>[] {
  return [...files].flatMap(([file, leaves]) => {
    const index = Array.from({ length: leaves.length / 32 }, (_, at) => at).find((at) =>
      digestAt(leaves, at).every((byte, offset) => byte === digest[offset])
    )
    return index === undefined ? [] : [{ file, index }]
  })
}

describe('the index of leaves', () => {
  it('finds what going through everything finds, while files come and go', () => {
    const draw = draws(3)
    const common = Array.from({ length: 3 }, () => digestFrom(draw))
    const index = new LeafIndex<string>()
    const files = new Map<string, Uint8Array>()
    for (let step = 0; step < 400; step++) {
      const [some] = [...files.keys()].slice(draw(files.size + 1))
      if (draw(3) === 0 && some !== undefined) {
        files.delete(some)
        index.delete(some)
      } else {
        files.set(`file ${step}`, leavesFrom(draw, common, 40))
        index.add(`file ${step}`, files.get(`file ${step}`) ?? new Uint8Array(0))
      }
      const leaves = [...files.values()][draw(files.size)] ?? new Uint8Array(32)
      for (const digest of [digestAt(leaves, draw(leaves.length / 32)), Uint8Array.from(digestFrom(draw))]) {
        const byName = (a: LeafPlace<string>, b: LeafPlace<string>) => a.file.localeCompare(b.file)
        expect([...index.find(digest)].toSorted(byName)).toEqual(searched(files, digest).toSorted(byName))
      }
    }
  })

  it('takes a file of equal chunks as quickly as any', () => {
    const index = new LeafIndex<string>()
    const zeros = new Uint8Array(32 * 300_000).fill(1)
    index.add('zeros', zeros)
    expect([...index.find(digestAt(zeros, 5))]).toEqual([{ file: 'zeros', index: 0 }])
    index.delete('zeros')
    expect([...index.find(digestAt(zeros, 5))]).toEqual([])
  })
})
