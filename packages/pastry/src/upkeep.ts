import { type Peer, pick, randomInt } from '@servent/machine'
import { LeafSet } from './leaf-set.ts'
import type { Departed } from './liveness.ts'
import type { Row, RowRequest } from './messages.ts'
import type { Node } from './node.ts'
import { TIMER_LEAF_SET, TIMER_TABLE } from './timers.ts'

/** Ours: if nobody has named who is missing by then, nobody is, and the ring has become small. */
const INCOMPLETE_ROUNDS_MAX = 3

/** Ours: one in so many exchanges opens a link to a member of the leaf set that none is kept to. */
const DIALING_ROUNDS = 5

/** Rows asked for and not yet there, at the most. */
const ROWS_ASKED_MAX = 64

/**
 * Keeps the tables right: leaf sets are exchanged with those next to us, periodically and not as an answer to trouble, so
 * that trouble does not breed more of it (Rhea et al., "Handling Churn in a DHT", 2004); a node in a table that is gone is
 * replaced by one that others of its row know (§2.4).
 */
export class Upkeep {
  readonly #node: Node
  readonly #heardOf: (peer: Peer) => void
  #rowsAsked: Map<Peer, number> | undefined
  /** Looks at the leaf set in a row that found somebody missing. */
  #incompleteRounds = 0
  /** Exchanges of leaf sets so far. */
  #rounds = 0
  /** Who was next to us, on either side, when leaf sets were exchanged last. */
  #smaller: Peer | undefined
  #larger: Peer | undefined

  constructor(node: Node, heardOf: (peer: Peer) => void) {
    this.#node = node
    this.#heardOf = heardOf
  }

  get size(): number {
    return this.#rowsAsked?.size ?? 0
  }

  clear(): void {
    this.#rowsAsked = undefined
  }

  /** Sets a timer that comes again and again, half to one and a half of its interval from now; none for 0. */
  again(timer: number, intervalMs: number): void {
    const { host } = this.#node
    if (intervalMs > 0) host.setTimer(timer, intervalMs * (0.5 + host.random()))
  }

  /** Whether a link to a peer is kept: to the nearest on either side. */
  isKept(peer: Peer): boolean {
    const { leafSet } = this.#node.tables
    const { linksKept } = this.#node.config
    return isAmongFirst(leafSet.smaller, linksKept, peer) || isAmongFirst(leafSet.larger, linksKept, peer)
  }

  /**
   * The nearest on either side, and the others in turn, are told who is next to us, and tell who is next to them. A link is
   * not opened each time for one of the others.
   */
  onLeafSetTimer(): void {
    const { config, tables, liveness, isJoined } = this.#node
    this.again(TIMER_LEAF_SET, config.leafSetIntervalMs)
    this.#letGo()
    if (!isJoined) return
    const { leafSet } = tables
    this.#incompleteRounds = leafSet.isIncomplete ? this.#incompleteRounds + 1 : 0
    if (this.#incompleteRounds >= INCOMPLETE_ROUNDS_MAX) leafSet.close()
    else if (leafSet.isIncomplete && config.repairs) this.#repairLeafSet()
    const chosen = new Set([leafSet.smaller[0], leafSet.larger[0]])
    this.#rounds++
    const { members } = leafSet
    const other = members[this.#rounds % Math.max(1, members.length)]
    const mayDial = this.#rounds % DIALING_ROUNDS === 0
    if (other !== undefined && (mayDial || liveness.isLinked(other))) chosen.add(other)
    for (const peer of chosen) if (peer !== undefined) this.exchange(peer)
  }

  /**
   * A member of our leaf set ought to be in that of another, who does not name it: then the other has found it gone, or
   * does not know it yet. It is asked.
   */
  doubt(other: Peer, leafSet: readonly Peer[]): void {
    const { host, config, tables, liveness } = this.#node
    if (leafSet.length < config.leafSetSize) return
    const theirs = new LeafSet({ self: other, keyOf: (peer) => host.keyOf(peer) }, config.leafSetSize)
    theirs.replace(leafSet, false)
    for (const member of tables.leafSet.members) {
      if (member !== other && theirs.wouldTake(member, false)) liveness.probe(member, 'said-gone')
    }
  }

  /** Ends links that nothing comes over: contacts are not connections. */
  #letGo(): void {
    const { host, config, liveness } = this.#node
    if (config.linkIdleMs === 0) return
    for (const peer of liveness.idleFor(config.linkIdleMs)) if (!this.isKept(peer)) host.disconnect(peer)
  }

  /** Whoever is next to us now knows best who else is near: so two rings that meet become one in few steps. */
  onLeafSetChanged(): void {
    const { leafSet } = this.#node.tables
    const [smaller, larger] = [leafSet.smaller[0], leafSet.larger[0]]
    const isNewSmaller = smaller !== this.#smaller
    const isNewLarger = larger !== this.#larger && larger !== smaller
    this.#smaller = smaller
    this.#larger = larger
    if (isNewSmaller && smaller !== undefined) this.exchange(smaller)
    if (isNewLarger && larger !== undefined) this.exchange(larger)
  }

  /** One row of the table is compared with the same row of a node in it. */
  onTableTimer(): void {
    const { host, config, tables, isJoined } = this.#node
    this.again(TIMER_TABLE, config.tableIntervalMs)
    if (!isJoined || tables.routingTable.rowCount === 0) return
    const row = randomInt(() => host.random(), tables.routingTable.rowCount)
    this.#askForRow(row, row)
  }

  /** Tells a peer our leaf set and waits for its own. */
  exchange(peer: Peer): void {
    const { host, tables, liveness } = this.#node
    const expected = liveness.expect(peer, 'overdue')
    if (expected === 'full') return this.#node.drop('too-many-probes')
    host.send(peer, { type: 'LeafSetRequest', leafSet: tables.leafSet.members })
  }

  onRowRequest(from: Peer, { row }: RowRequest): void {
    const { host, tables } = this.#node
    host.send(from, { type: 'Row', row, peers: tables.routingTable.row(row).filter((peer) => peer !== from) })
  }

  onRow(from: Peer, { row, peers }: Row): void {
    if (this.#rowsAsked?.get(from) !== row) return this.#node.drop('unasked-row')
    this.#rowsAsked.delete(from)
    for (const peer of peers) this.#heardOf(peer)
  }

  /** A node of our tables is gone. */
  repair({ peer, isFirstHand }: Departed, wasLeaf: boolean, row: number): void {
    const { host, config, tables } = this.#node
    if (wasLeaf && isFirstHand) {
      for (const member of tables.leafSet.members) host.send(member, { type: 'Failed', peer })
    }
    if (!config.repairs) return
    if (wasLeaf) this.#repairLeafSet()
    if (row >= 0) this.#askForRow(row, row + 1)
  }

  /** On a side where somebody is missing the farthest that is left is asked for its leaf set, which overlaps ours. */
  #repairLeafSet(): void {
    const { leafSet } = this.#node.tables
    if (!leafSet.isIncomplete) return
    const half = this.#node.config.leafSetSize >> 1
    for (const side of [leafSet.smaller, leafSet.larger]) {
      const farthest = side.at(-1)
      if (side.length < half && farthest !== undefined) this.exchange(farthest)
    }
  }

  /** Asks an entry of one of these rows, the first that has any, for its entries in the first row. */
  #askForRow(row: number, lastRow: number): void {
    const { host, tables } = this.#node
    for (let from = row; from <= lastRow; from++) {
      const peer = pick(() => host.random(), tables.routingTable.row(from))
      if (peer === undefined) continue
      this.#rowsAsked ??= new Map()
      if (this.#rowsAsked.size >= ROWS_ASKED_MAX) this.#rowsAsked.clear()
      this.#rowsAsked.set(peer, row)
      this.#node.liveness.expect(peer, 'overdue')
      host.send(peer, { type: 'RowRequest', row })
      return
    }
  }
}

function isAmongFirst(side: readonly Peer[], count: number, peer: Peer): boolean {
  const place = side.indexOf(peer)
  return place >= 0 && place < count
}
