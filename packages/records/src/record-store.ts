import { type Key, keyFromWords } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { checkRecord } from './check.ts'
import { RECORD_LIMITS, type RecordLimits } from './limits.ts'
import { type OverlayRecord, type ProviderRecord, type ValueRecord, withTtl } from './record.ts'
import type { RecordRefusal } from './refusals.ts'

/** Bytes that a record is counted with beside its value: its key, its proof and the maps it is in. Measured, rounded up. */
const OVERHEAD_BYTES = 400

interface Kept<R extends OverlayRecord> {
  readonly record: R
  readonly expiresAt: number
  /** Who handed it to us, and is charged for it. */
  readonly from: Peer
}

interface Shelf {
  readonly key: Key
  value: Kept<ValueRecord> | undefined
  providers: Map<Peer, Kept<ProviderRecord>> | undefined
}

interface Account {
  records: number
  bytes: number
}

/**
 * The records that a peer keeps for others.
 *
 * 1. Nothing is kept that `checkRecord` refuses.
 * 2. Under a key there is at most one value, the newest, and a bounded number of providers.
 * 3. No peer has more than its share stored, and all together no more than the store holds.
 * 4. What is over is not handed out, and makes room for what comes.
 *
 * A value: it reads no clock, `now` is an argument.
 */
export class RecordStore {
  readonly #limits: RecordLimits
  readonly #shelves = new Map<string, Shelf>()
  readonly #accounts = new Map<Peer, Account>()
  readonly #total: Account = { records: 0, bytes: 0 }

  constructor(limits: RecordLimits = RECORD_LIMITS) {
    this.#limits = limits
  }

  /** Records, those included whose time is over and that nobody has swept away yet. */
  get size(): number {
    return this.#total.records
  }

  /** Bytes, as they are counted against the limits. */
  get bytes(): number {
    return this.#total.bytes
  }

  /**
   * Keeps a record, or says why not. The same one again only makes its time longer.
   *
   * @param from - who hands it to us; a provider record has to come from the provider
   */
  put(record: OverlayRecord, from: Peer, now: number): RecordRefusal | undefined {
    const name = nameOf(record.key)
    const shelf = this.#shelves.get(name)
    const before = shelf === undefined ? undefined : keptIn(shelf, record)
    // Room before proof: whoever has used up a share cannot make us check signatures.
    const refusal =
      staleness(record, before?.record) ??
      this.#refusalForRoom(record, before, from, shelf, now) ??
      checkRecord(record, from, this.#limits)
    if (refusal !== undefined) return refusal
    if (before !== undefined) this.#charge(before, -1)
    const kept = {
      record,
      from,
      expiresAt: Math.max(now + record.ttlMs, isSame(record, before) ? before.expiresAt : 0),
    }
    this.#charge(kept, 1)
    putIn(this.#shelfFor(name, record.key), kept)
    return undefined
  }

  /** The value under a key with the time it has left, or undefined. */
  value(key: Key, now: number): ValueRecord | undefined {
    const kept = this.#shelves.get(nameOf(key))?.value
    return kept === undefined || kept.expiresAt <= now ? undefined : aged(kept, now)
  }

  /** The providers under a key, those first that said so last. */
  providers(key: Key, now: number): ProviderRecord[] {
    const found = this.#shelves.get(nameOf(key))?.providers
    if (found === undefined) return []
    const current = [...found.values()].filter(({ expiresAt }) => expiresAt > now)
    return current.sort((a, b) => b.expiresAt - a.expiresAt).map((kept) => aged(kept, now))
  }

  /** Every value with the time it has left: what is handed over or copied to others. */
  *values(now: number): Generator<ValueRecord> {
    for (const { value } of this.#shelves.values()) {
      if (value !== undefined && value.expiresAt > now) yield aged(value, now)
    }
  }

  /** Forgets the value under a key. */
  deleteValue(key: Key): void {
    const name = nameOf(key)
    const shelf = this.#shelves.get(name)
    if (shelf?.value === undefined) return
    this.#charge(shelf.value, -1)
    shelf.value = undefined
    if (isEmpty(shelf)) this.#shelves.delete(name)
  }

  /** Forgets everything whose time is over. */
  sweep(now: number): void {
    for (const [name, shelf] of this.#shelves) {
      if (shelf.value !== undefined && shelf.value.expiresAt <= now) {
        this.#charge(shelf.value, -1)
        shelf.value = undefined
      }
      for (const [peer, kept] of shelf.providers ?? []) {
        if (kept.expiresAt > now) continue
        this.#charge(kept, -1)
        shelf.providers?.delete(peer)
      }
      if (isEmpty(shelf)) this.#shelves.delete(name)
    }
  }

  #refusalForRoom(
    record: OverlayRecord,
    before: Kept<OverlayRecord> | undefined,
    from: Peer,
    shelf: Shelf | undefined,
    now: number
  ): RecordRefusal | undefined {
    const isOverfull = () => this.#isOver(record, before, from) ?? this.#isKeyFull(record, before, shelf)
    const refusal = isOverfull()
    if (refusal === undefined) return undefined
    this.sweep(now)
    return isOverfull()
  }

  #isKeyFull(record: OverlayRecord, before: Kept<OverlayRecord> | undefined, shelf: Shelf | undefined) {
    if (record.type !== 'provider' || before !== undefined) return undefined
    return (shelf?.providers?.size ?? 0) >= this.#limits.providersPerKeyMax ? 'key-full' : undefined
  }

  #isOver(record: OverlayRecord, before: Kept<OverlayRecord> | undefined, from: Peer): RecordRefusal | undefined {
    const limits = this.#limits
    const theirs = this.#accounts.get(from)
    const replaced = before === undefined ? 0 : costOf(before.record)
    const more = costOf(record)
    const isCharged = before?.from === from
    if (theirs !== undefined) {
      if (theirs.records + (isCharged ? 0 : 1) > limits.recordsPerPeerMax) return 'peer-full'
      if (theirs.bytes + more - (isCharged ? replaced : 0) > limits.bytesPerPeerMax) return 'peer-full'
    }
    if (this.#total.records + (before === undefined ? 1 : 0) > limits.recordsMax) return 'store-full'
    return this.#total.bytes + more - replaced > limits.bytesMax ? 'store-full' : undefined
  }

  #charge({ record, from }: Kept<OverlayRecord>, sign: 1 | -1): void {
    const account = this.#accounts.get(from) ?? { records: 0, bytes: 0 }
    for (const each of [account, this.#total]) {
      each.records += sign
      each.bytes += sign * costOf(record)
    }
    if (account.records === 0) this.#accounts.delete(from)
    else this.#accounts.set(from, account)
  }

  #shelfFor(name: string, key: Key): Shelf {
    let shelf = this.#shelves.get(name)
    if (shelf === undefined) {
      // A copy of the key: it may be a view of something larger.
      shelf = { key: keyFromWords(key.slice()), value: undefined, providers: undefined }
      this.#shelves.set(name, shelf)
    }
    return shelf
  }
}

/** A key as a short text, for maps: ten units. */
export function nameOf(key: Key): string {
  let name = ''
  for (const word of key) name += String.fromCharCode(word >>> 16, word & 0xffff)
  return name
}

function keptIn(shelf: Shelf, record: OverlayRecord): Kept<OverlayRecord> | undefined {
  return record.type === 'provider' ? shelf.providers?.get(record.peer) : shelf.value
}

function putIn(shelf: Shelf, kept: Kept<OverlayRecord>): void {
  const { record, from, expiresAt } = kept
  if (record.type === 'provider') {
    shelf.providers ??= new Map()
    shelf.providers.set(record.peer, { record, from, expiresAt })
  } else {
    shelf.value = { record, from, expiresAt }
  }
}

/** An older number, or the same one with another content, does not replace what is there. */
function staleness(record: OverlayRecord, before: OverlayRecord | undefined): RecordRefusal | undefined {
  if (record.type !== 'signed-value' || before?.type !== 'signed-value') return undefined
  if (record.sequence < before.sequence) return 'stale-sequence'
  return record.sequence === before.sequence && !bytesEqual(record.value, before.value) ? 'stale-sequence' : undefined
}

/** Whether a record says what the one before it said: then the longer time counts. */
function isSame(record: OverlayRecord, before: Kept<OverlayRecord> | undefined): before is Kept<OverlayRecord> {
  if (before === undefined || before.record.type !== record.type) return false
  return record.type !== 'signed-value' || record.sequence === (before.record as typeof record).sequence
}

function aged<R extends OverlayRecord>({ record, expiresAt }: Kept<R>, now: number): R {
  return withTtl(record, Math.ceil(expiresAt - now))
}

function isEmpty({ value, providers }: Shelf): boolean {
  return value === undefined && (providers === undefined || providers.size === 0)
}

function costOf(record: OverlayRecord): number {
  return OVERHEAD_BYTES + (record.type === 'provider' ? 0 : record.value.length)
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
