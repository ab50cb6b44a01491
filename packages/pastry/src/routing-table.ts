import { digitAt, type Key, sharedDigits } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { COLUMNS, DIGIT_BITS, ROWS } from './identifier.ts'
import type { TableHost } from './leaf-set.ts'

/** Who knows how far away peers are. */
export interface Distances {
  /** Infinite if nobody measured it. */
  distanceOf(peer: Peer): number
}

/**
 * The routing table R: row n holds nodes whose identifiers share the first n digits with ours and differ in the next, one
 * for each value of that digit (§2.1). Of several that would fit, it holds the one that is near by the proximity metric.
 *
 * Rows are appended as they are needed: some log_16 N.
 */
export class RoutingTable {
  readonly #selfKey: Key
  readonly #host: TableHost
  /** Sixteen places a row. */
  #slots: (Peer | undefined)[] = []

  constructor(host: TableHost) {
    this.#host = host
    this.#selfKey = host.keyOf(host.self)
  }

  /** Rows that are there; those behind them are empty. */
  get rowCount(): number {
    return this.#slots.length / COLUMNS
  }

  /** Takes over rows that are known to be right: sixteen places each. */
  adopt(slots: readonly (Peer | undefined)[]): void {
    this.#slots = slots.slice()
  }

  /** The entry for a key: R[l][D_l] of the routing procedure, where l is how many digits the key shares with us. */
  entryFor(key: Key): Peer | undefined {
    const row = sharedDigits(this.#selfKey, key, DIGIT_BITS)
    return row >= ROWS ? undefined : this.#slots[row * COLUMNS + digitAt(key, DIGIT_BITS, row)]
  }

  /** The entry that a peer is or competes with. */
  rivalOf(peer: Peer): Peer | undefined {
    return this.entryFor(this.#host.keyOf(peer))
  }

  has(peer: Peer): boolean {
    return this.rivalOf(peer) === peer
  }

  /** The row that a peer belongs in. */
  rowOf(peer: Peer): number {
    return sharedDigits(this.#selfKey, this.#host.keyOf(peer), DIGIT_BITS)
  }

  /** Enters a peer if its place is empty or held by one farther away. Returns whether it did. */
  add(peer: Peer, distances: Distances): boolean {
    if (peer === this.#host.self) return false
    const key = this.#host.keyOf(peer)
    const row = sharedDigits(this.#selfKey, key, DIGIT_BITS)
    if (row >= ROWS) return false
    while (this.rowCount <= row) for (let i = 0; i < COLUMNS; i++) this.#slots.push(undefined)
    const place = row * COLUMNS + digitAt(key, DIGIT_BITS, row)
    const rival = this.#slots[place]
    if (rival === peer || (rival !== undefined && distances.distanceOf(rival) <= distances.distanceOf(peer)))
      return false
    this.#slots[place] = peer
    return true
  }

  /** Returns the row that the peer was in, -1 if it was in none. */
  remove(peer: Peer): number {
    const place = this.#slots.indexOf(peer)
    if (place < 0) return -1
    this.#slots[place] = undefined
    return Math.floor(place / COLUMNS)
  }

  /** The entries of one row. */
  row(row: number): Peer[] {
    return this.rows(row, row)
  }

  /** The entries of rows from `first` to `last`, inclusive. */
  rows(first: number, last: number): Peer[] {
    const found: Peer[] = []
    const end = Math.min(this.#slots.length, (last + 1) * COLUMNS)
    for (let place = first * COLUMNS; place < end; place++) {
      const peer = this.#slots[place]
      if (peer !== undefined) found.push(peer)
    }
    return found
  }

  /** Every entry. */
  get entries(): Peer[] {
    return this.rows(0, ROWS)
  }
}
