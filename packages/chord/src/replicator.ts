import { isInSpan, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { type OverlayRecord, type RecordRefusal, RecordStore, type RequestId, type ValueRecord } from '@servent/records'
import type { Call } from './calls.ts'
import type { Core } from './core.ts'
import type { FindSuccessor, Offer, OfferedValue, Outcome, Store, Stored, Want } from './messages.ts'
import type { Router } from './router.ts'
import { baseOf } from './virtual-peer.ts'

/** Offered values in one message, and keys that are wanted. Ours: 26 bytes each. */
export const OFFERED_MAX = 128
/** Bytes of records in one message. Ours: two values of the greatest length fit. */
const STORE_BYTES_MAX = 20_000

/** A put whose copies are under way. */
interface Copying {
  readonly request: FindSuccessor
  readonly from: Peer | undefined
  left: number
  kept: number
}

/**
 * Keeps records for others, as DHash does: at the successor of their key and the nodes behind it.
 *
 * 1. Whoever is responsible for a value hands it to its next `replicas - 1` successors when it is put, when one of them is new,
 *    when its own part of the ring grows, and now and then: it offers, and they say what they lack.
 * 2. A new predecessor is offered what is now its own.
 * 3. Nothing is kept that the record store refuses. Copies that are nobody's any more die with their time.
 */
export class Replicator {
  readonly #core: Core
  readonly #router: Router
  #store: RecordStore | undefined
  #copying: Map<RequestId, Copying> | undefined

  constructor(core: Core, router: Router) {
    this.#core = core
    this.#router = router
  }

  /** Records that are kept. */
  get size(): number {
    return this.#store?.size ?? 0
  }

  get copyingCount(): number {
    return this.#copying?.size ?? 0
  }

  value(key: Key): ValueRecord | undefined {
    return this.#store?.value(key, this.#core.host.now())
  }

  providers(key: Key): readonly Peer[] {
    const found = this.#store?.providers(key, this.#core.host.now()) ?? []
    return found.slice(0, this.#core.config.providersMax).map(({ peer }) => peer)
  }

  /** Keeps a record, or says why not. */
  keep(record: OverlayRecord, from: Peer): RecordRefusal | undefined {
    this.#store ??= new RecordStore(this.#core.config.records)
    const refusal = this.#store.put(record, from, this.#core.host.now())
    if (refusal !== undefined) this.#core.drop('refused-record')
    return refusal
  }

  /** Keeps a value that we are responsible for and hands out copies. Undefined: how that went is told later. */
  put(request: FindSuccessor, record: ValueRecord, from: Peer | undefined): Outcome | undefined {
    const { host, calls } = this.#core
    const refusal = this.keep(record, from ?? host.self)
    if (refusal !== undefined) return { kind: 'refused', refusal }
    const holders = this.holders.filter(() => !calls.isFull)
    if (holders.length === 0) return { kind: 'stored', replicas: 1 }
    this.#copying ??= new Map()
    this.#copying.set(request.id, { request, from, left: holders.length, kept: 1 })
    for (const peer of holders) {
      const call = calls.start({ kind: 'store', peer, id: request.id })
      host.send(peer, { type: 'Store', call, records: [record] })
    }
    return undefined
  }

  /** A copy has arrived, or has not. False if no put waits for it. */
  onStored({ id }: Call & { kind: 'store' }, stored: Stored | undefined): boolean {
    const copying = this.#copying?.get(id)
    if (copying === undefined) return false
    copying.left--
    if (stored !== undefined && stored.refusal === undefined) copying.kept++
    if (copying.left > 0) return true
    this.#copying?.delete(id)
    this.#router.answer(copying.request, copying.from, { kind: 'stored', replicas: copying.kept })
    return true
  }

  /** Somebody hands us records to keep. */
  onStore(from: Peer, { call, records }: Store): void {
    let refusal: RecordRefusal | undefined
    for (const record of records) refusal = this.keep(record, from) ?? refusal
    if (call !== 0) this.#core.host.send(from, { type: 'Stored', call, refusal })
  }

  /** Says what of an offer we lack. */
  onOffer(from: Peer, { values }: Offer): void {
    const keys = values.filter((offered) => this.#lacks(offered)).map(({ key }) => key)
    if (keys.length > 0) this.#core.host.send(from, { type: 'Want', keys })
  }

  /** Hands out values that we have offered; whoever else asks for them might have got them by their key. */
  onWant(from: Peer, { keys }: Want): void {
    const wanted = keys.map((key) => this.value(key)).filter((value) => value !== undefined)
    this.#handOver(from, wanted)
  }

  /** New nodes among those who keep copies for us are offered what we are responsible for. */
  onSuccessorsChanged(before: readonly Peer[]): void {
    if (this.size === 0) return
    const held = this.#holdersAmong(before)
    this.#offerOwn(this.holders.filter((peer) => !held.includes(peer)))
  }

  /** A new predecessor is offered what is its own now; if our part of the ring grew, others are offered more copies. */
  onPredecessorChanged(before: Peer | undefined): void {
    const { ring, host } = this.#core
    const { predecessor } = ring
    if (this.size === 0 || predecessor === undefined) return
    const place = host.keyOf(predecessor)
    const self = host.keyOf(host.self)
    const hasGrown = before === undefined || !isInSpan(host.keyOf(before), place, self)
    if (hasGrown) this.#offerOwn(this.holders)
    this.#offer(predecessor, (key) => !isInSpan(place, key, self))
  }

  /** Offers all that we are responsible for to all who keep copies for us, and forgets what is over. */
  repair(): void {
    if (this.#store === undefined) return
    this.#store.sweep(this.#core.host.now())
    if (this.size > 0) this.#offerOwn(this.holders)
  }

  /** Hands what we are responsible for to our successor, if it does not keep copies anyway. */
  leave(): void {
    const { ring, config } = this.#core
    if (this.size === 0 || ring.successor === undefined || config.replicas > 1) return
    this.#handOver(
      ring.successor,
      this.#values((key) => ring.owns(key))
    )
  }

  clear(): void {
    this.#store = undefined
    this.#copying = undefined
  }

  /** The successors that keep copies of what we are responsible for. */
  get holders(): readonly Peer[] {
    return this.#holdersAmong(this.#core.ring.successors)
  }

  /** The first of some successors, each another peer: two nodes of one peer keep no more than one. */
  #holdersAmong(successors: readonly Peer[]): readonly Peer[] {
    const { host, config } = this.#core
    const taken = new Set([baseOf(host.self)])
    const holders: Peer[] = []
    for (const peer of successors) {
      if (holders.length >= config.replicas - 1) break
      if (taken.has(baseOf(peer))) continue
      taken.add(baseOf(peer))
      holders.push(peer)
    }
    return holders
  }

  #offerOwn(peers: readonly Peer[]): void {
    const { ring } = this.#core
    if (ring.predecessor === undefined) return
    for (const peer of peers) this.#offer(peer, (key) => ring.owns(key))
  }

  #offer(peer: Peer, isMeant: (key: Key) => boolean): void {
    const values = this.#values(isMeant).map((value) => ({ key: value.key, sequence: sequenceOf(value) }))
    for (let at = 0; at < values.length; at += OFFERED_MAX) {
      this.#core.host.send(peer, { type: 'Offer', values: values.slice(at, at + OFFERED_MAX) })
    }
  }

  #values(isMeant: (key: Key) => boolean): ValueRecord[] {
    if (this.#store === undefined) return []
    return [...this.#store.values(this.#core.host.now())].filter(({ key }) => isMeant(key))
  }

  #lacks({ key, sequence }: OfferedValue): boolean {
    const mine = this.value(key)
    return mine === undefined || sequenceOf(mine) < sequence
  }

  #handOver(peer: Peer, values: readonly ValueRecord[]): void {
    const { host } = this.#core
    let records: ValueRecord[] = []
    let bytes = 0
    for (const value of values) {
      const cost = value.value.length + 256
      if (bytes + cost > STORE_BYTES_MAX && records.length > 0) {
        host.send(peer, { type: 'Store', call: 0, records })
        records = []
        bytes = 0
      }
      records.push(value)
      bytes += cost
    }
    if (records.length > 0) host.send(peer, { type: 'Store', call: 0, records })
  }
}

function sequenceOf(value: ValueRecord): number {
  return value.type === 'signed-value' ? value.sequence : 0
}
