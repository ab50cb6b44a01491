import { type Key, keysEqual } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import {
  checkRecord,
  nameOf,
  type OverlayRecord,
  type ProviderRecord,
  type RecordRefusal,
  RecordStore,
  type ValueRecord,
} from '@servent/records'
import type { Claims } from './claim.ts'
import { distanceOf } from './contacts.ts'
import type { Fetched, Inventory, InventoryEntry, Store, Stored } from './messages.ts'
import { type CanNode, nextSerial, TIMER_STORE } from './node.ts'
import { pointOf } from './zone.ts'

/** Entries of one inventory, and of one answer to it. */
const INVENTORY_MAX = 128
/** Records of one message, and bytes of values after which there is another. */
export const RECORDS_AT_ONCE_MAX = 32
const BYTES_AT_ONCE = 32 << 10
/** Stores and fetches under way. */
const WAITING_MAX = 1024
/** Ours: as many times the replicas may seem to be nearer before we refuse to keep a copy: views differ. */
const NEARER_FACTOR = 3
/** Ours: copies are looked after when the neighborhood has been quiet for so long, in milliseconds. */
const QUIET_MS = 2_000

/** How storing went. */
export interface StoreOutcome {
  /** Who keeps it. */
  readonly keepers: readonly Peer[]
  readonly refusal: RecordRefusal | undefined
}

/** What was found at others. */
export type Findings = Pick<Fetched, 'values' | 'providers'>

interface Waiting {
  readonly open: Set<Peer>
  readonly keepers: Peer[]
  refusal: RecordRefusal | undefined
  values: readonly ValueRecord[]
  providers: readonly ProviderRecord[]
  readonly done: (waiting: Waiting) => void
}

/**
 * What a node keeps: values of its zones with copies at the nodes nearest to their points, and copies of others'.
 *
 * 1. A record is checked before it is kept, whoever sends it.
 * 2. The owner offers what it keeps to those nearest; who keeps something that another owns offers it to the owner. So
 *    copies follow zones, whoever takes them.
 * 3. Provider records come from the provider alone; it makes them anew.
 */
export class Storage {
  readonly #node: CanNode
  #store: RecordStore | undefined
  readonly #waiting = new Map<number, Waiting>()
  /** To whom each value was offered since the last full round. */
  readonly #offered = new Map<string, Set<Peer>>()
  #serial = 0
  #isDirty = false
  #changedAt = 0
  #roundAt = 0

  constructor(node: CanNode) {
    this.#node = node
  }

  get size(): number {
    return (this.#store?.size ?? 0) + this.#waiting.size + this.#offered.size
  }

  /** Values and providers kept. */
  get recordCount(): number {
    return this.#store?.size ?? 0
  }

  clear(): void {
    this.#waiting.clear()
  }

  value(key: Key): ValueRecord | undefined {
    return this.#store?.value(key, this.#node.host.now())
  }

  providers(key: Key): ProviderRecord[] {
    return this.#store?.providers(key, this.#node.host.now()) ?? []
  }

  /** Whether zones or neighbors have changed lately, so that what is not here may be elsewhere. */
  isUnsettled(): boolean {
    return this.#changedAt > 0 && this.#node.host.now() - this.#changedAt < this.#node.config.unsettledMs
  }

  /** Zones or neighbors have changed. */
  onChanged(): void {
    this.#changedAt = Math.max(1, this.#node.host.now())
    this.#isDirty = true
  }

  /** Who is to keep what lies at a key besides us, the nearest first. */
  replicaPeers(key: Key): Peer[] {
    const { place, config } = this.#node
    const point = pointOf(key, config.dimensions)
    const wanted = config.replicas - 1
    const near: { peer: Peer; distance: number }[] = []
    for (const contact of place.contacts) {
      if (!contact.isSilent) near.push({ peer: contact.peer, distance: distanceOf(contact.claims, point, undefined) })
    }
    if (near.length < wanted && config.lookahead) {
      for (const [peer, claims] of this.#further()) near.push({ peer, distance: distanceOf(claims, point, undefined) })
    }
    near.sort((a, b) => a.distance - b.distance)
    return near.slice(0, wanted).map(({ peer }) => peer)
  }

  /** Keeps a record ourselves. */
  keep(record: OverlayRecord, from: Peer): RecordRefusal | undefined {
    this.#store ??= new RecordStore(this.#node.config.records)
    const refusal = this.#store.put(record, from, this.#node.host.now())
    if (refusal !== undefined) this.#node.drop(refusal)
    return refusal
  }

  /**
   * Keeps a value of our zone and hands out the copies.
   *
   * @param has - peers that have the value and keep it when they hear that they should: they are sent nothing
   */
  keepAndCopy(record: ValueRecord, from: Peer, has: readonly Peer[], done: (outcome: StoreOutcome) => void): void {
    const refusal = this.keep(record, from)
    if (refusal !== undefined) return done({ keepers: [], refusal })
    const peers = this.replicaPeers(record.key)
    const keeping = [this.#node.host.self, ...peers.filter((peer) => has.includes(peer))]
    const others = peers.filter((peer) => !has.includes(peer))
    this.storeAt(others, record, ({ keepers }) => done({ keepers: [...keeping, ...keepers], refusal: undefined }))
  }

  /** Sends a record to peers and waits for what they say. */
  storeAt(peers: readonly Peer[], record: OverlayRecord, done: (outcome: StoreOutcome) => void): void {
    const serial = this.#wait(peers, ({ keepers, refusal }) => done({ keepers, refusal }))
    const message: Store = { type: 'Store', store: serial, records: [record] }
    for (const peer of peers) this.#node.host.send(peer, message)
  }

  onStore(from: Peer, { store, records }: Store): void {
    let count = 0
    let refusal: RecordRefusal | undefined
    for (const record of records.slice(0, RECORDS_AT_ONCE_MAX)) {
      if (this.#isFarFrom(record.key)) {
        this.#node.drop('not-responsible')
        continue
      }
      const why = this.keep(record, from)
      refusal ??= why
      if (why === undefined) count++
    }
    this.#node.host.send(from, { type: 'Stored', store, count, refusal })
  }

  onStored(from: Peer, { store, count, refusal }: Stored): void {
    // Copies handed over by inventory are not waited for.
    if (store === UNWAITED) return
    const waiting = this.#waiting.get(store)
    if (waiting?.open.delete(from) !== true) return this.#node.drop('unexpected-ack')
    waiting.refusal ??= refusal
    if (count > 0) waiting.keepers.push(from)
    if (waiting.open.size === 0) this.#finish(store)
  }

  onTimer(serial: number): void {
    this.#finish(serial)
  }

  /** Asks those who should keep copies for what we should have and have not. */
  fetch(key: Key, done: (findings: Findings) => void): void {
    const peers = this.replicaPeers(key)
    const serial = this.#wait(peers, ({ values, providers }) => done({ values, providers }))
    for (const peer of peers) this.#node.host.send(peer, { type: 'Fetch', fetch: serial, key })
  }

  onFetch(from: Peer, fetch: number, key: Key): void {
    const value = this.value(key)
    const values = value === undefined ? [] : [value]
    this.#node.host.send(from, {
      type: 'Fetched',
      fetch,
      values,
      providers: this.providers(key).slice(0, RECORDS_AT_ONCE_MAX),
    })
  }

  onFetched(from: Peer, { fetch, values, providers }: Fetched): void {
    const waiting = this.#waiting.get(fetch)
    if (waiting?.open.delete(from) !== true) return this.#node.drop('unexpected-ack')
    const good = values.filter((value) => this.keep(value, from) === undefined)
    waiting.values = [...waiting.values, ...good].slice(0, RECORDS_AT_ONCE_MAX)
    waiting.providers = [...waiting.providers, ...providers].slice(0, RECORDS_AT_ONCE_MAX)
    // One good value is enough; providers are gathered.
    if (waiting.values.length > 0 || waiting.open.size === 0) this.#finish(fetch)
  }

  /** Somebody keeps values that it thinks we should keep. */
  onInventory(from: Peer, { entries }: Inventory): void {
    const keys: Key[] = []
    for (const { key, sequence } of entries.slice(0, INVENTORY_MAX)) {
      const own = this.value(key)
      const isNewer = own?.type === 'signed-value' && own.sequence < sequence
      if ((own === undefined || isNewer) && !this.#isFarFrom(key)) keys.push(key)
    }
    if (keys.length > 0) this.#node.host.send(from, { type: 'Want', keys })
  }

  onWant(from: Peer, keys: readonly Key[]): void {
    const found = keys.slice(0, INVENTORY_MAX).flatMap((key) => this.value(key) ?? [])
    this.#send(from, found)
  }

  /** Hands everything that lies in a part to a peer: when we leave. */
  handOver(to: Peer, isTheirs: (record: ValueRecord) => boolean): void {
    const values = [...(this.#store?.values(this.#node.host.now()) ?? [])]
    this.#send(to, values.filter(isTheirs))
  }

  /** Looks after copies: at once after a change, and from time to time. */
  maintain(): void {
    const now = this.#node.host.now()
    if (this.#store === undefined) return
    if (now - this.#roundAt >= this.#node.config.replicateIntervalMs) {
      this.#roundAt = now
      this.#store.sweep(now)
      this.#offered.clear()
      this.#isDirty = true
    }
    if (!this.#isDirty || now - this.#changedAt < QUIET_MS) return
    this.#isDirty = false
    this.#offerAll(now)
  }

  #offerAll(now: number): void {
    const { place, config, host } = this.#node
    const offers = new Map<Peer, InventoryEntry[]>()
    for (const record of this.#store?.values(now) ?? []) {
      const isOurs = place.owns(pointOf(record.key, config.dimensions), undefined)
      const peers = isOurs ? this.replicaPeers(record.key) : this.#ownerOf(record.key)
      const name = nameOf(record.key)
      const offered = this.#offered.get(name) ?? new Set()
      this.#offered.set(name, offered)
      for (const peer of peers) {
        if (offered.has(peer)) continue
        offered.add(peer)
        const entries = offers.get(peer) ?? []
        offers.set(peer, entries)
        entries.push({ key: record.key, sequence: record.type === 'signed-value' ? record.sequence : 0 })
      }
    }
    for (const [peer, entries] of offers) {
      for (let i = 0; i < entries.length; i += INVENTORY_MAX) {
        host.send(peer, { type: 'Inventory', entries: entries.slice(i, i + INVENTORY_MAX) })
      }
    }
  }

  #ownerOf(key: Key): Peer[] {
    const { place, config } = this.#node
    const point = pointOf(key, config.dimensions)
    const contact = place.contactAt(point, undefined)
    if (contact !== undefined) return contact.isSilent ? [] : [contact.peer]
    for (const [peer, claims] of this.#further()) if (distanceOf(claims, point, undefined) === 0) return [peer]
    return []
  }

  /** Neighbors of neighbors. */
  #further(): Map<Peer, Claims> {
    const { place, host } = this.#node
    const further = new Map<Peer, Claims>()
    for (const contact of place.contacts) {
      for (const { peer, claims } of contact.neighbors) {
        if (peer === host.self || place.contacts.get(peer) !== undefined || place.isFallen(peer)) continue
        further.set(peer, claims)
      }
    }
    return further
  }

  /** Whether so many are nearer to a key that we are not to keep it. */
  #isFarFrom(key: Key): boolean {
    const { place, config } = this.#node
    const point = pointOf(key, config.dimensions)
    const own = place.distance(point, undefined)
    if (own === 0) return false
    let nearer = 0
    for (const { claims } of place.contacts) if (distanceOf(claims, point, undefined) < own) nearer++
    for (const claims of this.#further().values()) if (distanceOf(claims, point, undefined) < own) nearer++
    return nearer >= NEARER_FACTOR * config.replicas
  }

  #send(to: Peer, records: readonly ValueRecord[]): void {
    let batch: ValueRecord[] = []
    let byteCount = 0
    const flush = () => {
      if (batch.length > 0) this.#node.host.send(to, { type: 'Store', store: UNWAITED, records: batch })
      batch = []
      byteCount = 0
    }
    for (const record of records) {
      batch.push(record)
      byteCount += record.value.length
      if (batch.length === RECORDS_AT_ONCE_MAX || byteCount >= BYTES_AT_ONCE) flush()
    }
    flush()
  }

  #wait(peers: readonly Peer[], done: (waiting: Waiting) => void): number {
    this.#serial = nextSerial(this.#serial)
    const serial = this.#serial
    const waiting: Waiting = { open: new Set(peers), keepers: [], refusal: undefined, values: [], providers: [], done }
    this.#waiting.set(serial, waiting)
    if (peers.length === 0 || this.#waiting.size > WAITING_MAX) this.#finish(serial)
    else this.#node.host.setTimer(TIMER_STORE, this.#node.config.storeTimeoutMs, serial)
    return serial
  }

  #finish(serial: number): void {
    const waiting = this.#waiting.get(serial)
    if (waiting === undefined) return
    this.#waiting.delete(serial)
    waiting.done(waiting)
  }

  /** Whether a record that came in an answer is what was asked for, and good. */
  isGood(record: OverlayRecord, key: Key): boolean {
    const from = record.type === 'provider' ? record.peer : this.#node.host.self
    return keysEqual(record.key, key) && checkRecord(record, from, this.#node.config.records) === undefined
  }
}

/** The number of a store that nobody waits for. */
const UNWAITED = 0
