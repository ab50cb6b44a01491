import type { ParseArgsOptionsConfig } from 'node:util'
import type { UploadLimits } from '@servent/servent'
import { parseBytes } from '@servent/servent/node'
import { UsageError } from './errors.ts'

/** What commands take that serve others. */
export const UPLOAD_FLAGS = {
  slots: { type: 'string' },
  rate: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig

/** More peers at once than a process should feed. */
const SLOTS_MAX = 1000
/** Bytes per second: of less, whoever fetches takes a source for stalled. */
const RATE_MIN = 16_000

/**
 * What others may take at most, as far as the flags say.
 *
 * @throws UsageError
 */
export function uploadLimitsOf(values: {
  slots?: string | undefined
  rate?: string | undefined
}): Partial<UploadLimits> {
  return { ...slotsOf(values.slots), ...rateOf(values.rate) }
}

function slotsOf(text: string | undefined): Partial<UploadLimits> {
  if (text === undefined) return {}
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > SLOTS_MAX) {
    throw new UsageError(`--slots takes a whole number from 1 to ${SLOTS_MAX}, not "${text}".`)
  }
  return { uploadSlotsMax: Number(text) }
}

function rateOf(text: string | undefined): Partial<UploadLimits> {
  if (text === undefined) return {}
  const bytes = parseBytes(text.replace(/\/s$/, ''))
  if (bytes !== undefined && bytes >= RATE_MIN) return { bytesPerSecondMax: bytes }
  throw new UsageError(`--rate takes what may go each second, as 500kB, and 16kB at least; not "${text}".`)
}
