import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatLeft, formatPercent, formatSpeed } from '../src/ui/format.ts'

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9_949, '9.9 kB'],
    [9_950, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [73_400_320, '73 MB'],
    [5_000_000_000, '5.0 GB'],
    [123_000_000_000_000, '123 TB'],
    [undefined, 'size unknown'],
  ])('says %s as "%s"', (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words)
  })

  it('says a speed per second', () => {
    expect(formatSpeed(12_345_678)).toBe('12 MB/s')
  })
})

describe('times', () => {
  it.each([
    [1, '1 s left'],
    [59_000, '59 s left'],
    [61_000, '1 min left'],
    [3_600_000, '1 h left'],
    [3_900_000, '1 h 5 min left'],
  ])('says %i ms as "%s"', (ms, words) => {
    expect(formatLeft(ms)).toBe(words)
  })

  it.each([
    [0.2, '1 ms'],
    [84, '84 ms'],
    [1_240, '1.2 s'],
    [9_960, '10 s'],
    [59_900, '1 min'],
  ])('says a duration of %d ms as "%s"', (ms, words) => {
    expect(formatDuration(ms)).toBe(words)
  })
})

describe('counts', () => {
  it('never says 100 % before all is done', () => {
    expect(formatPercent(999, 1000)).toBe('99 %')
    expect(formatPercent(1000, 1000)).toBe('100 %')
  })

  it('takes an empty file for done', () => {
    expect(formatPercent(0, 0)).toBe('100 %')
  })

  it('has one and many', () => {
    expect(formatCount(1, 'hop')).toBe('1 hop')
    expect(formatCount(0, 'hop')).toBe('0 hops')
    expect(formatCount(2, 'copy', 'copies')).toBe('2 copies')
  })
})
