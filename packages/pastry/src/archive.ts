import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import {
  checkRecord,
  isProvider,
  type OverlayRecord,
  RecordCache,
  type RecordRefusal,
  RecordStore,
  type ValueRecord,
} from '@servent/records'
import type { Fetch, Outcome, Route, Store } from './messages.ts'
import type { Node } from './node.ts'
import type { Rounds } from './rounds.ts'
import type { Routes, Source } from './routes.ts'
import { TIMER_REPLICATE } from './timers.ts'

/** Values that one look at the store copies to others: the rest waits for the next. */
const COPIES_AT_ONCE = 64

/**
 * What a node keeps for others, after PAST: the k nodes whose identifiers are closest to a key keep its records, and copies
 * follow the leaf set as nodes come and go. Values that come by on their way to whoever asked are kept for a while.
 */
export class Archive {
  readonly #node: Node
  readonly #rounds: Rounds
  readonly #routes: Pick<Routes, 'answer'>
  #store: RecordStore | undefined
  #cache: RecordCache | undefined
  /** The members of the leaf set when copies were made last, or the first record came. */
  #membersBefore: readonly Peer[] | undefined
  #isReplicating = false
  /** Whether the last round of copies began anew from the first value. */
  #cursor = 0

  constructor(node: Node, rounds: Rounds, routes: Pick<Routes, 'answer'>) {
    this.#node = node
    this.#rounds = rounds
    this.#routes = routes
  }

  get size(): number {
    return (this.#store?.size ?? 0) + (this.#cache?.size ?? 0)
  }

  clear(): void {
    this.#store = undefined
    this.#cache = undefined
    this.#membersBefore = undefined
  }

  /** The k nodes closest to a key, as far as we know, the closest first. */
  replicasOf(key: Key, members?: readonly Peer[]): Peer[] {
    return this.#node.tables.leafSet.replicas(key, this.#node.config.replicas, members)
  }

  /** The value that is kept under a key. */
  kept(key: Key): ValueRecord | undefined {
    return this.#store?.value(key, this.#node.host.now())
  }

  /** What there is of a value here: kept or come by. */
  valueOf(key: Key): ValueRecord | undefined {
    return this.kept(key) ?? this.#cache?.get(key, this.#node.host.now())
  }

  /** Whether a message that is on its way can end here, since we are among the closest to its key. */
  isResponsibleFor({ payload, key }: Route): boolean {
    switch (payload.type) {
      case 'put':
      case 'get':
      case 'find-providers': {
        const { tables, host } = this.#node
        if (payload.type === 'get' && this.valueOf(key) !== undefined) return true
        return tables.leafSet.covers(key) && this.replicasOf(key).includes(host.self)
      }
      default:
        return false
    }
  }

  /** Does what a message asks for that has arrived here. */
  arrived(message: Route, source: Source): void {
    const { payload, key } = message
    if (payload.type === 'put') return this.#put(message, payload.record, source)
    if (payload.type === 'get') return this.#get(message, source)
    if (payload.type === 'find-providers') return this.#find(message, source)
    const replicas = payload.type === 'locate' ? this.replicasOf(key) : []
    this.#routes.answer(message, source, { type: 'found', replicas })
  }

  onStore(from: Peer, { id, record }: Store): void {
    this.#node.host.send(from, { type: 'Stored', id, refusal: this.keep(record, from) })
  }

  /** Keeps a record, or says why not. */
  keep(record: OverlayRecord, from: Peer): RecordRefusal | undefined {
    const { config, host, tables } = this.#node
    this.#store ??= new RecordStore(config.limits)
    this.#membersBefore ??= tables.leafSet.members
    const refusal = this.#store.put(record, from, host.now())
    if (refusal !== undefined) this.#node.drop(refusal)
    else if (!isProvider(record)) this.#cache?.delete(record.key)
    return refusal
  }

  onFetch(from: Peer, { id, key, wants }: Fetch): void {
    const now = this.#node.host.now()
    const value = wants === 'values' ? this.#store?.value(key, now) : undefined
    const providers = wants === 'providers' ? (this.#store?.providers(key, now) ?? []) : []
    this.#node.host.send(from, { type: 'Fetched', id, records: value === undefined ? providers : [value] })
  }

  /** Values on their way to whoever asked: those that prove themselves are kept for a while. */
  passing(key: Key, outcome: Outcome): void {
    const { config, host } = this.#node
    if (outcome.type !== 'values' || config.cacheMax === 0) return
    for (const value of outcome.values) {
      if (!this.isGood(key, value) || this.#store?.value(key, host.now()) !== undefined) continue
      this.#cache ??= new RecordCache(config.cacheMax, config.cacheMs)
      this.#cache.set(value, host.now())
    }
  }

  /** Whether a value is what was asked for, and proves itself. Counts it if not. */
  isGood(key: Key, value: ValueRecord): boolean {
    const isAsked = value.key.every((word, i) => word === key[i])
    const refusal = isAsked ? checkRecord(value, this.#node.host.self, this.#node.config.limits) : 'wrong-key'
    if (refusal !== undefined) this.#node.drop(refusal)
    return refusal === undefined
  }

  /** The leaf set changed: soon copies are made for those who are responsible now and were not. */
  onLeafSetChanged(): void {
    const { host, config } = this.#node
    if (this.#isReplicating || this.#store === undefined || this.#store.size === 0) return
    this.#isReplicating = true
    host.setTimer(TIMER_REPLICATE, config.replicateDelayMs * (0.5 + host.random()))
  }

  /**
   * Makes the copies that follow from the changes since the last time. Of the nodes that had a value before, the one closest
   * to its key does it.
   */
  onReplicateTimer(): void {
    this.#isReplicating = false
    const { host, tables } = this.#node
    const before = this.#membersBefore ?? []
    const members = tables.leafSet.members
    this.#membersBefore = members
    for (const value of this.#store?.values(host.now()) ?? []) {
      const owners = this.replicasOf(value.key, before)
      const replicas = this.replicasOf(value.key, members)
      const closest = replicas.find((peer) => owners.includes(peer)) ?? host.self
      if (closest !== host.self) continue
      this.#copy(
        value,
        replicas.filter((peer) => !owners.includes(peer))
      )
    }
  }

  /** We leave: whoever is to keep in our place what we are the first to keep gets it. */
  handOver(): void {
    const { host, config, tables } = this.#node
    const members = tables.leafSet.members
    for (const value of this.#store?.values(host.now()) ?? []) {
      const nearest = tables.leafSet.replicas(value.key, config.replicas + 1, members)
      const heir = nearest[config.replicas]
      if (nearest[0] === host.self && heir !== undefined) host.send(heir, { type: 'Store', id: 0, record: value })
    }
  }

  /** Looks through a part of the store: copies what we are responsible for to those who may have missed it. */
  refresh(): void {
    const { host } = this.#node
    this.#store?.sweep(host.now())
    const values = [...(this.#store?.values(host.now()) ?? [])]
    if (this.#cursor >= values.length) this.#cursor = 0
    for (const value of values.slice(this.#cursor, this.#cursor + COPIES_AT_ONCE)) {
      const [closest, ...others] = this.replicasOf(value.key)
      if (closest === host.self) this.#copy(value, others)
    }
    this.#cursor += COPIES_AT_ONCE
  }

  #copy(value: ValueRecord, peers: readonly Peer[]): void {
    const { host } = this.#node
    this.#rounds.store(
      value,
      peers.filter((peer) => peer !== host.self)
    )
  }

  #put(message: Route, record: ValueRecord, source: Source): void {
    const { host } = this.#node
    const refusal = this.keep(record, 'peer' in source ? source.peer : host.self)
    if (refusal !== undefined) return this.#routes.answer(message, source, { type: 'refused', reason: refusal })
    const others = this.replicasOf(message.key).filter((peer) => peer !== host.self)
    this.#rounds.store(record, others, ({ kept }) => {
      this.#routes.answer(message, source, { type: 'stored', replicas: kept + 1 })
    })
  }

  #get(message: Route, source: Source): void {
    const value = this.valueOf(message.key)
    if (value !== undefined) return this.#routes.answer(message, source, { type: 'values', values: [value] })
    // Perhaps we are new here, and another replica has it.
    this.#rounds.fetch(message.key, 'values', this.#otherReplicas(message.key), (records) => {
      const values = records.filter((record) => !isProvider(record))
      const good = values.filter((each) => this.isGood(message.key, each))
      this.#routes.answer(message, source, { type: 'values', values: good })
    })
  }

  #find(message: Route, source: Source): void {
    const { host } = this.#node
    const found = this.#store?.providers(message.key, host.now()) ?? []
    const answer = (records: readonly OverlayRecord[]) => {
      const providers = records.filter(isProvider).map(({ peer }) => peer)
      this.#routes.answer(message, source, { type: 'providers', providers })
    }
    if (found.length > 0) answer(found)
    else this.#rounds.fetch(message.key, 'providers', this.#otherReplicas(message.key), answer)
  }

  #otherReplicas(key: Key): Peer[] {
    const { host, liveness } = this.#node
    return this.replicasOf(key).filter((peer) => peer !== host.self && liveness.mayUse(peer))
  }
}
