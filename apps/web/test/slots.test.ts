import { describe, expect, it } from 'vitest'
import type { Locks } from '../src/peer/locks.ts'
import { readSlotNumber, SLOTS_MAX, takeSlot } from '../src/peer/slots.ts'

/** Node has Web Locks too, for all of its threads: the real thing, with a name of its own for each test. */
function locksOf(test: string): Locks {
  const { locks } = navigator
  return { request: (name, options, whileHeld) => locks.request(`${test} ${name}`, options, whileHeld) }
}

describe('takeSlot', () => {
  it('gives each tab the first slot that is free', async () => {
    const locks = locksOf('first free')
    const taken = [await takeSlot(locks, undefined), await takeSlot(locks, undefined), await takeSlot(locks, undefined)]
    expect(taken.map((slot) => slot?.number)).toEqual([0, 1, 2])
    taken[1]?.release()
    const next = await takeSlot(locks, undefined)
    expect(next?.number).toBe(1)
    for (const slot of [taken[0], next, taken[2]]) slot?.release()
  })

  it('gives a reloaded tab the slot it had, though a lower one is free', async () => {
    const locks = locksOf('reload')
    const slot = await takeSlot(locks, 5)
    expect(slot?.number).toBe(5)
    slot?.release()
  })

  it('waits for the slot that the page before a reload lets go', async () => {
    const locks = locksOf('reload race')
    const before = await takeSlot(locks, 3)
    const after = takeSlot(locks, 3)
    before?.release()
    expect((await after)?.number).toBe(3)
    ;(await after)?.release()
  })

  it('gives a duplicated tab another slot', async () => {
    const locks = locksOf('duplicate')
    const first = await takeSlot(locks, undefined)
    const copy = await takeSlot(locks, 0)
    expect(copy?.number).toBe(1)
    first?.release()
    copy?.release()
  })

  it('gives up when every slot is held', async () => {
    const locks: Locks = {
      async request(_name, _options, whileHeld) {
        await whileHeld(null)
      },
    }
    expect(await takeSlot(locks, undefined)).toBeUndefined()
  })

  it('hands on what the browser refuses', async () => {
    const locks: Locks = {
      request: async () => {
        throw new DOMException('The document is not active', 'InvalidStateError')
      },
    }
    await expect(takeSlot(locks, undefined)).rejects.toThrow('not active')
  })
})

describe('readSlotNumber', () => {
  it('takes what was written, and nothing else', () => {
    expect(readSlotNumber('7')).toBe(7)
    for (const text of [null, '', '-1', '1e1', 'x', String(SLOTS_MAX), '007'])
      expect(readSlotNumber(text)).toBeUndefined()
  })
})
