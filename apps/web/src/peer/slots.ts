import { holdLock, type Locks } from './locks.ts'

/** Most tabs of one browser that are peers with a kept identity. */
export const SLOTS_MAX = 64

/**
 * How long a tab waits for the slot it had, in milliseconds. A duplicated tab remembers one as well, which the other holds: it waits in
 * vain, then takes another.
 */
const OWN_SLOT_WAIT_MS = 400

export interface Slot {
  readonly number: number
  /** Lets another tab have it. A closed tab does so by itself. */
  release(): void
}

/**
 * Takes an identity slot: the one this tab had before, otherwise the first that no other tab holds. Undefined when all are held.
 *
 * @param remembered - the slot this tab had before a reload
 */
export async function takeSlot(
  locks: Locks,
  remembered: number | undefined,
  waitMs = OWN_SLOT_WAIT_MS
): Promise<Slot | undefined> {
  if (remembered !== undefined) {
    const slot = await hold(locks, remembered, { signal: AbortSignal.timeout(waitMs) })
    if (slot !== undefined) return slot
  }
  for (let number = 0; number < SLOTS_MAX; number++) {
    const slot = await hold(locks, number, { ifAvailable: true })
    if (slot !== undefined) return slot
  }
  return undefined
}

/** What the tab remembered, if it makes sense. */
export function readSlotNumber(text: string | null): number | undefined {
  if (text === null || !/^\d{1,2}$/.test(text) || Number(text) >= SLOTS_MAX) return undefined
  return Number(text)
}

async function hold(
  locks: Locks,
  number: number,
  options: { ifAvailable?: boolean; signal?: AbortSignal }
): Promise<Slot | undefined> {
  const release = await holdLock(locks, `servent-slot-${number}`, options)
  return release && { number, release }
}
