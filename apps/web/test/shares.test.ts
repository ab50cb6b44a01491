import { describe, expect, it } from 'vitest'
import { MemoryDatabase } from '../src/peer/database.ts'
import { findableLines } from '../src/state/findable.ts'
import { DEFAULT_LIMITS, limits, readLimits, recallLimits, setLimits } from '../src/state/limits.ts'

describe('limits of uploads', () => {
  it('are the defaults where what was kept makes no sense', () => {
    for (const text of ['', 'null', '[]', '{"slots":"many"}', '{"slots":null,"kilobytesPerSecond":"1"}']) {
      expect(readLimits(text)).toEqual(DEFAULT_LIMITS)
    }
  })

  it('are kept for the next visit, and are the nearest that make sense', async () => {
    const database = new MemoryDatabase()
    await recallLimits(database)
    setLimits({ slots: 0, kilobytesPerSecond: 3 })
    expect(limits.value).toEqual({ slots: 1, kilobytesPerSecond: 16 })
    setLimits({ slots: 4.4, kilobytesPerSecond: Number.NaN })
    expect(limits.value).toEqual({ slots: 4, kilobytesPerSecond: undefined })

    limits.value = DEFAULT_LIMITS
    await recallLimits(database)
    expect(limits.value).toEqual({ slots: 4, kilobytesPerSecond: undefined })
  })
})

describe('findableLines', () => {
  const by = { id: 'a', name: 'Amber Otter' }

  it('names the overlays, and leaves out an index that there never was', () => {
    const lines = findableLines({
      by,
      findings: [
        { overlay: 'gnutella', state: 'found', hops: 2, afterMs: 84 },
        { overlay: 'napster', state: 'failed', hops: undefined, afterMs: undefined },
        { overlay: 'chord', state: 'not-found', hops: undefined, afterMs: undefined },
      ],
    })
    expect(lines).toEqual({
      all: 'Yes: Amber Otter looked for it, and found it by 1 of 2 overlays.',
      each: ['Gnutella found it after 84 ms, over 2 hops.', 'Chord did not find it.'],
    })
  })

  it('says what to do when nobody found it', () => {
    const { all } = findableLines({ by, findings: [] })
    expect(all).toContain('did not find it')
    expect(all).toContain('ask again')
  })
})
