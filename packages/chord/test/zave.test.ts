import { describe, expect, it } from 'vitest'
import { inductiveViolations, ringViolations } from './zave/invariants.ts'
import { PublishedRing } from './zave/published.ts'
import { randomRun } from './zave/random-run.ts'

/** `CHORD_RUNS=10000 vitest run packages/chord/test/zave.test.ts` runs all of what the README tells. */
const RUNS = Number(process.env.CHORD_RUNS ?? 100)

describe('the ring that is kept as Zave proved it', () => {
  it.each([2, 3, 4])(
    `keeps its invariants after every event, with lists of %i, over ${RUNS} random runs`,
    (r) => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const { violation, events } = randomRun(r, seed, 400)
        expect(violation === undefined ? '' : `seed ${seed}, event ${events}: ${violation}`).toBe('')
      }
    },
    3_600_000
  )

  it('becomes the ideal ring when nobody comes or goes any more', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const { isIdealInTheEnd, failCount, joinCount } = randomRun(3, seed, 400)
      expect(isIdealInTheEnd).toBe(true)
      expect(joinCount).toBeGreaterThan(0)
      expect(failCount).toBeGreaterThan(0)
    }
  })
})

describe('the ring as it was published', () => {
  it('falls into two, though every member always has a live successor (r = 3)', () => {
    const ring = new PublishedRing(3, 0)
    ring.join(3)
    ring.join(2)
    ring.stabilize(3)
    ring.stabilize(2)
    ring.join(6)
    ring.stabilize(6)
    ring.stabilize(0)
    ring.stabilize(3)
    ring.stabilize(6)
    ring.fail(0)
    ring.stabilize(6)
    ring.join(0)
    ring.stabilize(0)
    expect(ringViolations(ring.members)).not.toContain('no AtMostOneRing')
    ring.fail(3)
    expect(inductiveViolations(ring.members, -1)).toEqual([])
    expect(ringViolations(ring.members)).toContain('no AtMostOneRing')
    // And never comes together again.
    for (let round = 0; round < 50; round++) {
      for (const { id } of ring.members) ring.checkPredecessor(id)
      for (const { id } of ring.members) ring.stabilize(id)
    }
    expect(ringViolations(ring.members)).toContain('no AtMostOneRing')
  })

  it('loses a node to a single failure, for it joins with a pointer and no list', () => {
    const ring = new PublishedRing(2, 0)
    for (const id of [10, 20]) ring.join(id)
    for (let round = 0; round < 5; round++) for (const { id } of ring.members) ring.stabilize(id)
    expect(inductiveViolations(ring.members, 0)).toEqual([])
    ring.join(5)
    ring.fail(10)
    expect(inductiveViolations(ring.members, 0)).toEqual(['5 has no live successor'])
  })
})
