import { effect, signal } from '@preact/signals'
import type { Database } from '../peer/database.ts'
import { servent } from './peer.ts'

/** What a person lets others take at most. */
export interface Limits {
  /** Peers that are sent something at once. */
  readonly slots: number
  /** Kilobytes per second of all of them together; undefined is no limit. */
  readonly kilobytesPerSecond: number | undefined
}

/** The peer's own default of slots. */
export const DEFAULT_LIMITS: Limits = { slots: 16, kilobytesPerSecond: undefined }
export const SLOTS_MAX = 100
/** Ours: below it a source counts as stalled by those who fetch from it. */
export const KILOBYTES_MIN = 16
export const KILOBYTES_MAX = 1_000_000

const KEY = 'upload-limits'

export const limits = signal<Limits>(DEFAULT_LIMITS)

let database: Database | undefined

/** Takes up the limits that this identity had before. */
export async function recallLimits(store: Database): Promise<void> {
  const kept = await store.get(KEY)
  database = store
  if (kept !== undefined) limits.value = readLimits(new TextDecoder().decode(kept))
}

/** Changes them, now and for the next visit; what makes no sense becomes the nearest that does. */
export function setLimits(next: Limits): void {
  limits.value = sensible(next)
  const bytes = new TextEncoder().encode(JSON.stringify(limits.value))
  database?.put(KEY, bytes).catch((error: unknown) => console.warn('The limits were not kept', error))
}

/** Has the peer keep to them. */
export function followLimits(): () => void {
  return effect(() => {
    const { slots, kilobytesPerSecond } = limits.value
    servent.value?.setUploadLimits({
      uploadSlotsMax: slots,
      bytesPerSecondMax: kilobytesPerSecond === undefined ? Number.POSITIVE_INFINITY : kilobytesPerSecond * 1000,
    })
  })
}

/** What was kept, if it makes sense; the defaults otherwise. */
export function readLimits(text: string): Limits {
  try {
    const { slots, kilobytesPerSecond } = (JSON.parse(text) ?? {}) as Partial<Record<keyof Limits, unknown>>
    return sensible({
      slots: typeof slots === 'number' ? slots : DEFAULT_LIMITS.slots,
      kilobytesPerSecond: typeof kilobytesPerSecond === 'number' ? kilobytesPerSecond : undefined,
    })
  } catch (error) {
    console.warn('The limits that were kept are damaged', error)
    return DEFAULT_LIMITS
  }
}

function sensible({ slots, kilobytesPerSecond }: Limits): Limits {
  return {
    slots: between(slots, 1, SLOTS_MAX) ?? DEFAULT_LIMITS.slots,
    kilobytesPerSecond: between(kilobytesPerSecond, KILOBYTES_MIN, KILOBYTES_MAX),
  }
}

function between(value: number | undefined, least: number, most: number): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined
  return Math.min(most, Math.max(least, Math.round(value)))
}
