import { describe, expect, it } from 'vitest'
import { ProgressMeter } from '../src/progress.ts'
import type { TransferProgress } from '../src/types.ts'

function meter(totalBytes: number) {
  const seen: TransferProgress[] = []
  const clock = { nowMs: 0 }
  const progress = new ProgressMeter(
    totalBytes,
    (report) => seen.push(report),
    () => clock.nowMs
  )
  return { seen, clock, progress }
}

describe('progress', () => {
  it('tells the speed over the last seconds, not since the beginning', () => {
    const { seen, clock, progress } = meter(1_000_000)
    for (let second = 1; second <= 20; second++) {
      clock.nowMs = second * 1_000
      progress.add(second <= 10 ? 10_000 : 1_000)
    }
    expect(seen.at(-1)?.bytesPerSecond).toBe(1_000)
    expect(seen.at(-1)?.leftMs).toBe(1_000_000 - 110_000)
  })

  it('tells at most ten times a second', () => {
    const { seen, clock, progress } = meter(1_000_000)
    for (let ms = 1; ms <= 1_000; ms++) {
      clock.nowMs = ms
      progress.add(1)
    }
    expect(seen.length).toBeLessThanOrEqual(11)
  })

  it('never goes back, nor beyond the end', () => {
    const { seen, clock, progress } = meter(1_000)
    for (const bytes of [600, -600, 900, 300]) {
      clock.nowMs += 1_000
      if (bytes < 0) progress.waste(-bytes)
      else progress.add(bytes)
    }
    expect(seen.map(({ doneBytes }) => doneBytes)).toEqual([600, 900, 1_000])
  })

  it('does not know the time left before anything has come', () => {
    const { seen, progress } = meter(1_000)
    progress.add(0)
    expect(seen[0]?.leftMs).toBeUndefined()
  })

  it('ends with all done and no time left, even for an empty file', () => {
    const { seen, progress } = meter(0)
    progress.finish()
    expect(seen).toEqual([{ doneBytes: 0, totalBytes: 0, bytesPerSecond: 0, leftMs: 0 }])
  })
})
