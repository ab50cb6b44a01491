import { assert } from '@servent/machine'
import { deflateRuns } from '../deflate.ts'
import type { Guid } from '../guid.ts'
import type { QrpPatch, QrpReset } from '../messages.ts'
import type { QueryRouteTable } from './query-route-table.ts'
import { rememberDecoded } from './table-receiver.ts'

/** Compressor numbers of a PATCH. */
const NO_COMPRESSOR = 0
const ZLIB = 1

/** Pieces of a sequence: their number is a byte. */
const PIECES_MAX = 255

/** How a table is sent. */
export interface PatchOptions {
  /** Descriptor id of all the messages. */
  readonly guid: Guid
  /** Bytes of data in one PATCH, 1 to 40,955. Where a sequence would be longer than 255 pieces, they are larger. */
  readonly bytesMax: number
  /** Bits per slot: 1 is a difference by XOR, which only servents with QRP 0.2 understand. Default 4. */
  readonly entryBits?: 1 | 4 | 8
  /** Value of an empty slot, 2 to 8 with 4 bits, to 128 with 8. Default 7, as LimeWire. */
  readonly infinity?: number
}

/**
 * The messages that make `next` of `previous` at the other end: none if they are the same. Without a previous table, or
 * when the number of slots changes, a RESET comes first.
 */
export function patchesFor(
  previous: QueryRouteTable | undefined,
  next: QueryRouteTable,
  options: PatchOptions
): (QrpReset | QrpPatch)[] {
  const { guid, bytesMax, entryBits = 4, infinity = 7 } = options
  const isReset = previous === undefined || previous.slots !== next.slots
  const base = isReset ? undefined : previous
  if (base?.equals(next)) return []
  const { data, compressor } =
    base === undefined && next.count === 0
      ? packEmpty(next, entryBits, infinity)
      : pack(base, next, entryBits, infinity)
  const pieceBytes = Math.max(bytesMax, Math.ceil(data.length / PIECES_MAX))
  const sequenceSize = Math.ceil(data.length / pieceBytes)
  const patches: QrpPatch[] = []
  for (let sequence = 1; sequence <= sequenceSize; sequence++) {
    patches.push({
      type: 'QrpPatch',
      guid,
      ttl: 1,
      hops: 0,
      sequence,
      sequenceSize,
      compressor,
      entryBits,
      data: data.subarray((sequence - 1) * pieceBytes, sequence * pieceBytes),
    })
  }
  rememberDecoded(patches, base, next)
  if (!isReset) return patches
  return [{ type: 'QrpReset', guid, ttl: 1, hops: 0, slots: next.slots, infinity }, ...patches]
}

/** A whole sequence in one piece. */
interface Packed {
  readonly data: Uint8Array
  readonly compressor: number
}

function pack(previous: QueryRouteTable | undefined, next: QueryRouteTable, bits: number, infinity: number): Packed {
  const plain = difference(previous, next, bits, infinity)
  const packed = deflateRuns(plain)
  return packed.length < plain.length ? { data: packed, compressor: ZLIB } : { data: plain, compressor: NO_COMPRESSOR }
}

let lastEmpty: (Packed & { readonly slots: number; readonly bits: number; readonly infinity: number }) | undefined

/** Most leaves share nothing: what they say first is the same for all, and is packed once. */
function packEmpty(empty: QueryRouteTable, bits: number, infinity: number): Packed {
  const { slots } = empty
  if (lastEmpty?.slots !== slots || lastEmpty.bits !== bits || lastEmpty.infinity !== infinity) {
    lastEmpty = { ...pack(undefined, empty, bits, infinity), slots, bits, infinity }
  }
  return lastEmpty
}

/** All entries of a patch: new minus old, the first in the highest bits of the first byte. */
function difference(
  previous: QueryRouteTable | undefined,
  next: QueryRouteTable,
  entryBits: number,
  infinity: number
): Uint8Array {
  // A slot that is set has the value 1.
  const step = entryBits === 1 ? 1 : infinity - 1
  assert(entryBits === 1 || (step > 0 && step < 2 ** (entryBits - 1)), 'an entry holds the difference')
  const mask = 2 ** entryBits - 1
  const perByte = 8 / entryBits
  const bytes = new Uint8Array((next.slots * entryBits) / 8)
  const put = (slot: number, entry: number): void => {
    const at = Math.floor(slot / perByte)
    bytes[at] = (bytes[at] as number) | (entry << (8 - entryBits - (slot % perByte) * entryBits))
  }
  next.eachSlot((slot) => {
    if (previous === undefined || !previous.has(slot)) put(slot, -step & mask)
  })
  previous?.eachSlot((slot) => {
    if (!next.has(slot)) put(slot, step & mask)
  })
  return bytes
}
