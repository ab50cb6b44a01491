import { ProtocolError } from '@servent/machine'
import { bytesField, bytesOf, type Field, fieldsOf, joined, numberField, numberOf } from './protobuf.ts'

/** Whether the block itself is wanted, or word of it. */
export type WantType = 'Block' | 'Have'

/** One block that somebody wants, or wants no longer. */
export interface WantlistEntry {
  /** The block's CID in bytes. */
  readonly block: Uint8Array
  /** Blocks of a higher one first. */
  readonly priority: number
  readonly cancel: boolean
  readonly wantType: WantType
  /** Whether to say so when it is not here. */
  readonly sendDontHave: boolean
}

export interface Wantlist {
  readonly entries: readonly WantlistEntry[]
  /** Whether these are all: what was wanted before is wanted no longer. */
  readonly full: boolean
}

export interface Block {
  /** The CID without the digest: version, codec, hash function, length of the digest, each a varint. */
  readonly prefix: Uint8Array
  readonly data: Uint8Array
}

export interface BlockPresence {
  /** In bytes. */
  readonly cid: Uint8Array
  readonly type: 'Have' | 'DontHave'
}

/** A message of Bitswap 1.2.0, in the words of its specification. */
export interface BitswapMessage {
  readonly wantlist: Wantlist | undefined
  readonly payload: readonly Block[]
  readonly blockPresences: readonly BlockPresence[]
  /** Bytes of blocks that are to follow. */
  readonly pendingBytes: number
}

/** Bytes of a message at most, from the specification. */
export const MESSAGE_BYTES_MAX = 4_194_304

/** Ours: entries, blocks and presences of one message at most, for an empty one is two bytes long. Kubo sends a thousand wants. */
const ITEMS_MAX = 16_384

const WANT_TYPES: readonly WantType[] = ['Block', 'Have']
const PRESENCE_TYPES = ['Have', 'DontHave'] as const

/**
 * | field of Message | | of Wantlist | | of Entry | | of Block | | of BlockPresence | |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | 1 | wantlist | 1, repeated | entries | 1 | block | 1 | prefix | 1 | cid |
 * | 3, repeated | payload | 2 | full | 2 | priority | 2 | data | 2 | type |
 * | 4, repeated | blockPresences | | | 3 | cancel | | | | |
 * | 5 | pendingBytes | | | 4 | wantType | | | | |
 * | | | | | 5 | sendDontHave | | | | |
 */
export function encodeMessage({ wantlist, payload, blockPresences, pendingBytes }: BitswapMessage): Uint8Array {
  return joined([
    ...(wantlist === undefined ? [] : [bytesField(1, encodeWantlist(wantlist))]),
    ...payload.map(({ prefix, data }) => bytesField(3, joined([bytesField(1, prefix), bytesField(2, data)]))),
    ...blockPresences.map(({ cid, type }) =>
      bytesField(4, joined([bytesField(1, cid), numberField(2, PRESENCE_TYPES.indexOf(type))]))
    ),
    numberField(5, pendingBytes),
  ])
}

/** Reads a message. Its byte strings are views. Throws `ProtocolError`, nothing else, whatever the bytes. */
export function decodeMessage(bytes: Uint8Array): BitswapMessage {
  const entries: WantlistEntry[] = []
  const payload: Block[] = []
  const blockPresences: BlockPresence[] = []
  let full: boolean | undefined
  let pendingBytes = 0
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) full = decodeWantlist(bytesOf(field), entries) || full === true
    else if (field.number === 3) payload.push(decodeBlock(bytesOf(field)))
    else if (field.number === 4) blockPresences.push(decodePresence(bytesOf(field)))
    else if (field.number === 5) pendingBytes = numberOf(field)
    if (entries.length + payload.length + blockPresences.length > ITEMS_MAX) throw new ProtocolError('too-many-items')
  }
  return { wantlist: full === undefined ? undefined : { entries, full }, payload, blockPresences, pendingBytes }
}

function encodeWantlist({ entries, full }: Wantlist): Uint8Array {
  return joined([
    ...entries.map((entry) =>
      bytesField(
        1,
        joined([
          bytesField(1, entry.block),
          numberField(2, entry.priority),
          numberField(3, Number(entry.cancel)),
          numberField(4, WANT_TYPES.indexOf(entry.wantType)),
          numberField(5, Number(entry.sendDontHave)),
        ])
      )
    ),
    numberField(2, Number(full)),
  ])
}

/** Adds its entries to those before: a field that may come once and comes twice is merged. Returns whether they are all. */
function decodeWantlist(bytes: Uint8Array, entries: WantlistEntry[]): boolean {
  let full = false
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) entries.push(decodeEntry(bytesOf(field)))
    else if (field.number === 2) full = numberOf(field) !== 0
    if (entries.length > ITEMS_MAX) throw new ProtocolError('too-many-items')
  }
  return full
}

function decodeEntry(bytes: Uint8Array): WantlistEntry {
  const fields = lastOfEach(bytes)
  return {
    block: bytesIn(fields, 1),
    priority: numberIn(fields, 2),
    cancel: numberIn(fields, 3) !== 0,
    wantType: oneOf(WANT_TYPES, numberIn(fields, 4)),
    sendDontHave: numberIn(fields, 5) !== 0,
  }
}

function decodeBlock(bytes: Uint8Array): Block {
  const fields = lastOfEach(bytes)
  return { prefix: bytesIn(fields, 1), data: bytesIn(fields, 2) }
}

function decodePresence(bytes: Uint8Array): BlockPresence {
  const fields = lastOfEach(bytes)
  return { cid: bytesIn(fields, 1), type: oneOf(PRESENCE_TYPES, numberIn(fields, 2)) }
}

/** Of a field that came twice the last one counts; unknown ones, of which there may be many, are not kept. */
function lastOfEach(bytes: Uint8Array): (Field | undefined)[] {
  const fields: (Field | undefined)[] = []
  for (const field of fieldsOf(bytes)) if (field.number <= 5) fields[field.number] = field
  return fields
}

function bytesIn(fields: readonly (Field | undefined)[], number: number): Uint8Array {
  const field = fields[number]
  return field === undefined ? new Uint8Array(0) : bytesOf(field)
}

function numberIn(fields: readonly (Field | undefined)[], number: number): number {
  const field = fields[number]
  return field === undefined ? 0 : numberOf(field)
}

function oneOf<Value>(values: readonly Value[], index: number): Value {
  const value = values[index]
  if (value === undefined) throw new ProtocolError('unknown-type')
  return value
}
