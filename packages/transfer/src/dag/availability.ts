import type { ByteRange } from '../http/range.ts'
import { CHUNK_BYTES, leafCount } from './shape.ts'

/** Which chunks of a file somebody has: one byte each, 1 or 0. */
export type Availability = Uint8Array

/** The chunks that ranges hold in full. */
export function availabilityOf(ranges: readonly ByteRange[], size: number): Availability {
  const available = new Uint8Array(leafCount(size))
  for (const { start, end } of ranges) {
    const to = end === size ? available.length : Math.floor(end / CHUNK_BYTES)
    available.fill(1, Math.min(Math.ceil(start / CHUNK_BYTES), to), to)
  }
  return available
}

/** The ranges that chunks fill, joined where they meet. */
export function rangesOf(available: Availability, size: number): ByteRange[] {
  const ranges: ByteRange[] = []
  for (let from = available.indexOf(1); from !== -1; ) {
    const gap = available.indexOf(0, from)
    const to = gap === -1 ? available.length : gap
    ranges.push({ start: from * CHUNK_BYTES, end: Math.min(size, to * CHUNK_BYTES) })
    from = available.indexOf(1, to)
  }
  return ranges
}

/** Undefined stands for all. */
export function hasChunk(available: Availability | undefined, index: number): boolean {
  return available === undefined || available[index] === 1
}
