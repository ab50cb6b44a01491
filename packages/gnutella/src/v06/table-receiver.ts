import { ProtocolError } from '@servent/machine'
import type { DropReason } from '../drops.ts'
import { inflate } from '../inflate.ts'
import type { QrpPatch, QrpReset } from '../messages.ts'
import { QueryRouteTable } from './query-route-table.ts'

/** What is wrong with a RESET or PATCH: gtk-gnutella answers each with Bye 413. */
export type QrpError = Extract<DropReason, `qrp-${string}`>

/** Fewer slots do not fill a byte of the shortest entries. */
const SLOTS_MIN = 8
/** The largest table we take: LimeWire's is the largest that ultrapeers exchange (gtk-gnutella: 131,072). */
const SLOTS_MAX = 131_072

/** What a sequence gave when it was applied to a table. */
interface Decoded {
  readonly pieces: readonly QrpPatch[]
  readonly base: QueryRouteTable
  readonly result: QueryRouteTable
}

const decoded = new WeakMap<QrpPatch, Decoded>()

/**
 * Notes what a sequence of ours stands for. In a simulation it reaches its receivers as the same objects, and a table that
 * goes to 32 neighbors is not inflated 32 times; what comes over a wire is another object, and is read.
 */
export function rememberDecoded(
  pieces: readonly QrpPatch[],
  base: QueryRouteTable | undefined,
  result: QueryRouteTable
): void {
  const last = pieces.at(-1)
  if (last === undefined) return
  decoded.set(last, { pieces, base: base ?? QueryRouteTable.empty(result.slots), result })
}

/**
 * The query route table of one neighbor, as its RESET and PATCH messages make it.
 *
 * 1. The table changes when a sequence is whole, never in between.
 * 2. What is held of a sequence is no longer than the table, and no byte beyond the table is ever inflated.
 * 3. After an error it is of no more use: the neighbor is to be told Bye 413.
 */
export class TableReceiver {
  #table: QueryRouteTable | undefined = undefined
  #pieces: QrpPatch[] | undefined = undefined
  #heldBytes = 0

  /** Undefined before the first sequence is whole. A RESET leaves an empty one. */
  get table(): QueryRouteTable | undefined {
    return this.#table
  }

  /** Empties the table. Returns what is wrong with the message, if anything is. */
  onReset({ slots, infinity }: QrpReset): 'pending' | QrpError {
    const isPowerOfTwo = slots >= SLOTS_MIN && slots <= SLOTS_MAX && (slots & (slots - 1)) === 0
    if (!isPowerOfTwo) return 'qrp-bad-length'
    if (infinity < 1) return 'qrp-bad-infinity'
    this.#table = QueryRouteTable.empty(slots)
    this.#pieces = undefined
    return 'pending'
  }

  /** Takes one piece. Returns the new table with the last of a sequence, or what is wrong. */
  onPatch(patch: QrpPatch): 'pending' | QueryRouteTable | QrpError {
    const base = this.#table
    if (base === undefined) return 'qrp-no-reset'
    const error = this.#check(patch, base)
    if (error !== undefined) return error
    const pieces = this.#pieces ?? []
    pieces.push(patch)
    this.#heldBytes = patch.sequence === 1 ? patch.data.length : this.#heldBytes + patch.data.length
    this.#pieces = pieces
    if (patch.sequence < patch.sequenceSize) return 'pending'
    this.#pieces = undefined
    const result = known(pieces, base) ?? apply(pieces, this.#heldBytes, base)
    if (result instanceof QueryRouteTable) this.#table = result
    return result
  }

  #check(patch: QrpPatch, base: QueryRouteTable): QrpError | undefined {
    const { sequence, sequenceSize, compressor, entryBits, data } = patch
    const first = this.#pieces?.[0]
    if (sequence !== (this.#pieces?.length ?? 0) + 1 || sequence > sequenceSize) return 'qrp-wrong-sequence'
    if (first === undefined) {
      if (entryBits !== 1 && entryBits !== 2 && entryBits !== 4 && entryBits !== 8) return 'qrp-bad-entry-bits'
      if (compressor !== 0 && compressor !== 1) return 'qrp-bad-compressor'
    } else {
      if (sequenceSize !== first.sequenceSize) return 'qrp-changed-size'
      if (entryBits !== first.entryBits) return 'qrp-bad-entry-bits'
      if (compressor !== first.compressor) return 'qrp-bad-compressor'
    }
    const held = (first === undefined ? 0 : this.#heldBytes) + data.length
    return held > heldBytesMax(base.slots, entryBits, compressor) ? 'qrp-overflow' : undefined
  }
}

/** What a sequence may take. A stream that does not compress is longer than what is in it, by less than this. */
function heldBytesMax(slots: number, entryBits: number, compressor: number): number {
  const plain = (slots * entryBits) / 8
  return compressor === 0 ? plain : plain + (plain >> 3) + 64
}

function known(pieces: readonly QrpPatch[], base: QueryRouteTable): QueryRouteTable | undefined {
  const found = decoded.get(pieces.at(-1) as QrpPatch)
  if (found === undefined || found.base !== base || found.pieces.length !== pieces.length) return undefined
  return found.pieces.every((piece, i) => piece === pieces[i]) ? found.result : undefined
}

function apply(pieces: readonly QrpPatch[], heldBytes: number, base: QueryRouteTable): QueryRouteTable | QrpError {
  const { compressor, entryBits } = pieces[0] as QrpPatch
  const joined = pieces.length === 1 ? (pieces[0] as QrpPatch).data : join(pieces, heldBytes)
  const length = (base.slots * entryBits) / 8
  const entries = compressor === 0 ? joined : tryInflate(joined, length)
  if (typeof entries === 'string') return entries
  // More than that has been refused.
  if (entries.length < length) return 'qrp-incomplete'
  const map = base.toMap()
  applyEntries(map, entries, entryBits)
  return QueryRouteTable.ofMap(map, base.slots)
}

function join(pieces: readonly QrpPatch[], length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let at = 0
  for (const { data } of pieces) {
    joined.set(data, at)
    at += data.length
  }
  return joined
}

function tryInflate(stream: Uint8Array, length: number): Uint8Array | QrpError {
  try {
    return inflate(stream, length)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.reason === 'too-large' ? 'qrp-overflow' : 'qrp-inflate'
  }
}

/** A negative entry fills a slot, a positive one empties it, 0 leaves it; of one bit, 1 turns it over. */
function applyEntries(map: Uint32Array, entries: Uint8Array, entryBits: number): void {
  const perByte = 8 / entryBits
  const mask = 2 ** entryBits - 1
  const sign = 2 ** (entryBits - 1)
  for (let at = 0; at < entries.length; at++) {
    const byte = entries[at] as number
    if (byte === 0) continue
    for (let i = 0; i < perByte; i++) {
      const entry = (byte >> (8 - entryBits * (i + 1))) & mask
      if (entry === 0) continue
      const slot = at * perByte + i
      const word = map[slot >>> 5] as number
      const bit = 1 << (slot & 31)
      map[slot >>> 5] = entryBits === 1 ? word ^ bit : entry >= sign ? word | bit : word & ~bit
    }
  }
}
