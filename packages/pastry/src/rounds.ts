import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { isProvider, LIST_MAX, type OverlayRecord, type RecordRefusal } from '@servent/records'
import type { Fetch, Fetched, Store, Stored } from './messages.ts'
import type { Node } from './node.ts'
import { TIMER_ROUND } from './timers.ts'

/** How a round of stores went. */
export interface StoreResult {
  /** Nodes that said they keep the record. */
  readonly kept: number
  /** Why one did not, if one did not. */
  readonly refusal: RecordRefusal | undefined
}

interface StoreRound {
  readonly kind: 'store'
  readonly waiting: Set<Peer>
  kept: number
  refusal: RecordRefusal | undefined
  readonly done: (result: StoreResult) => void
}

interface FetchRound {
  readonly kind: 'fetch'
  readonly key: Key
  readonly wants: Fetch['wants']
  readonly waiting: Set<Peer>
  readonly done: (records: readonly OverlayRecord[]) => void
}

/** Questions that went to several nodes at once: "keep this", with a receipt from each, and "what do you have?". */
export class Rounds {
  readonly #node: Node
  #rounds: Map<number, StoreRound | FetchRound> | undefined
  #id = 0

  constructor(node: Node) {
    this.#node = node
  }

  get size(): number {
    return this.#rounds?.size ?? 0
  }

  clear(): void {
    this.#rounds = undefined
  }

  /** Lets peers keep a record. `done` is called once, with those that had said so by then. */
  store(record: OverlayRecord, peers: readonly Peer[], done: (result: StoreResult) => void = noMatter): void {
    if (peers.length === 0) return done({ kept: 0, refusal: undefined })
    const id = this.#begin({ kind: 'store', waiting: new Set(peers), kept: 0, refusal: undefined, done })
    if (id === undefined) return done({ kept: 0, refusal: undefined })
    const message: Store = { type: 'Store', id, record }
    for (const peer of peers) this.#node.host.send(peer, message)
  }

  /** Asks peers for what they keep under a key. `done` is called once, with the first answer that is not empty. */
  fetch(
    key: Key,
    wants: Fetch['wants'],
    peers: readonly Peer[],
    done: (records: readonly OverlayRecord[]) => void
  ): void {
    if (peers.length === 0) return done([])
    const id = this.#begin({ kind: 'fetch', key, wants, waiting: new Set(peers), done })
    if (id === undefined) return done([])
    const message: Fetch = { type: 'Fetch', id, key, wants }
    for (const peer of peers) this.#node.host.send(peer, message)
  }

  onStored(from: Peer, { id, refusal }: Stored): void {
    const round = this.#rounds?.get(id)
    if (round?.kind !== 'store' || !round.waiting.delete(from)) return this.#node.drop('unasked-receipt')
    if (refusal === undefined) round.kept++
    else round.refusal = refusal
    if (round.waiting.size === 0) this.#end(id, round)
  }

  onFetched(from: Peer, { id, records }: Fetched): void {
    const round = this.#rounds?.get(id)
    if (round?.kind !== 'fetch' || !round.waiting.delete(from)) return this.#node.drop('unasked-records')
    const wanted = records.filter(
      (record) =>
        isProvider(record) === (round.wants === 'providers') && record.key.every((word, i) => word === round.key[i])
    )
    if (wanted.length > 0 || round.waiting.size === 0) this.#end(id, round, wanted.slice(0, LIST_MAX))
  }

  /** Those who have not answered by now are not waited for. */
  onTimer(id: number): void {
    const round = this.#rounds?.get(id)
    if (round === undefined) return
    for (const peer of round.waiting) this.#node.liveness.suspect(peer)
    this.#end(id, round)
  }

  #begin(round: StoreRound | FetchRound): number | undefined {
    const { host, config } = this.#node
    this.#rounds ??= new Map()
    if (this.#rounds.size >= config.roundsMax) {
      this.#node.drop('too-many-rounds')
      return undefined
    }
    this.#id = (this.#id + 1) >>> 0
    this.#rounds.set(this.#id, round)
    host.setTimer(TIMER_ROUND, config.receiptTimeoutMs, this.#id)
    return this.#id
  }

  #end(id: number, round: StoreRound | FetchRound, records: readonly OverlayRecord[] = []): void {
    this.#rounds?.delete(id)
    if (round.kind === 'store') round.done({ kept: round.kept, refusal: round.refusal })
    else round.done(records)
  }
}

/** For copies, which are made as well as they can be: who did not take one gets it the next time. */
function noMatter(): void {
  // Nothing waits for them.
}
