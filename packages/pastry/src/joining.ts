import type { Peer } from '@servent/machine'
import type { Route, State, StateRequest } from './messages.ts'
import type { Node } from './node.ts'
import { TIMER_JOIN, TIMER_SECOND_STAGE } from './timers.ts'

/** Shared, for most nodes of a large simulation know no contacts. */
const NONE: readonly never[] = []

/** The second part of the second stage, as the number of its timer. */
const TELL_THE_FOUND = 1

/** What a join needs of the machine. */
export interface JoinEnds {
  /** Sends a message through a contact, as if it had chosen it as the next hop. */
  sendThrough(contact: Peer, type: 'join' | 'meet'): number
  /** A peer was named: it is entered where it fits. */
  heardOf(peer: Peer, isNear: boolean): void
  /** A peer is there, and has its place. */
  learn(peer: Peer): void
  joined(): void
}

/**
 * Finding one's place (§2.4). A join is routed to the node closest to the one that joins; every node on the way sends it
 * state, the last one its leaf set. The *second stage* then asks all that are known now for their tables, which is also how
 * they hear of the new node, and those next to it are told.
 */
export class Joining {
  readonly #node: Node
  readonly #ends: JoinEnds
  #contacts: readonly Peer[] = NONE
  /** Those that did not answer any more: perhaps they are in another part of the overlay now. */
  #lost: readonly Peer[] = NONE
  /** Joins of others that came before we had a place. */
  #waiting: readonly Route[] = NONE
  /** The join under way, 0 if none is. */
  #routeId = 0
  #attempt = 0
  /** Contacts that were tried in vain since the last success. */
  #failures = 0
  #isJoining = false
  /** Those that were asked for their tables and have not answered. */
  #asked: Set<Peer> | undefined
  /** Those that know of us, while there is a second stage. */
  #told: Set<Peer> | undefined

  constructor(node: Node, ends: JoinEnds) {
    this.#node = node
    this.#ends = ends
  }

  get isJoining(): boolean {
    return this.#isJoining
  }

  /** Peers that another part of the overlay may be met by. */
  get strangers(): readonly Peer[] {
    return this.#candidates.filter((peer) => !this.#node.tables.has(peer))
  }

  /** How much is remembered. */
  get size(): number {
    return (
      this.#contacts.length +
      this.#lost.length +
      this.#waiting.length +
      (this.#asked?.size ?? 0) +
      (this.#told?.size ?? 0)
    )
  }

  clear(): void {
    this.#contacts = NONE
    this.#lost = NONE
    this.#waiting = NONE
    this.#asked = undefined
    this.#told = undefined
    this.#isJoining = false
    this.#routeId = 0
  }

  /** Remembers a peer to join through. The oldest makes room. */
  addContact(peer: Peer): void {
    if (peer !== this.#node.host.self) this.#contacts = this.#appended(this.#contacts, peer)
  }

  /** Remembers a peer that is gone, or out of reach. */
  addLost(peer: Peer): void {
    this.#lost = this.#appended(this.#lost, peer)
  }

  /** Begins to join, if somebody is known to join through. */
  begin(): void {
    if (this.#isJoining || this.#candidates.length === 0) return
    this.#isJoining = true
    this.#failures = 0
    this.#try()
  }

  /** An attempt had its time. */
  onTimer(attempt: number): void {
    if (!this.#isJoining || attempt !== this.#attempt) return
    this.#failures++
    const { joinAttemptsMax } = this.#node.config
    if (this.#failures >= Math.max(joinAttemptsMax, this.#candidates.length)) {
      // Nobody is there: we are a ring of our own, and look for others from time to time.
      this.#isJoining = false
      return
    }
    this.#try()
  }

  /**
   * A node that is joining itself was asked by another. If each waited for the other, neither would have a place: of those
   * that go round in such a circle the one with the lower identifier begins.
   */
  giveWay(joiner: Peer): boolean {
    const { host, tables } = this.#node
    const [ours, theirs] = [host.keyOf(host.self), host.keyOf(joiner)]
    const i = ours.findIndex((word, place) => word !== theirs[place])
    return tables.leafSet.members.length === 0 && i >= 0 && (ours[i] as number) >>> 0 < (theirs[i] as number) >>> 0
  }

  /** A node wants to join through us while we have no place ourselves: it is answered when we have one. */
  letWait(join: Route): void {
    this.#waiting = [...this.#waiting, join].slice(-this.#node.config.contactsMax)
  }

  /** Those that waited for us to have a place. */
  takeWaiting(): readonly Route[] {
    const waiting = this.#waiting
    this.#waiting = NONE
    return waiting
  }

  /** A join or a search for other parts of the overlay comes by: whoever sent it gets what it can use of our tables. */
  passing({ id, path, payload }: Route, isLast: boolean): void {
    const { host, tables } = this.#node
    const joiner = path[0] as Peer
    const leafSet = isLast ? tables.leafSet.members : []
    if (payload.type === 'meet') {
      if (isLast) this.#node.host.send(joiner, { type: 'LeafSet', leafSet })
      return
    }
    host.send(joiner, {
      type: 'State',
      id,
      isLast,
      isWhole: isLast && tables.leafSet.coversAll,
      leafSet,
      table: tables.routingTable.rows(0, tables.routingTable.rowOf(joiner)).filter((peer) => peer !== joiner),
      // Whoever joins knows somebody near: its neighborhood set comes from there.
      neighborhood: path.length === 1 ? tables.neighborhood : [],
    })
  }

  onStateRequest(from: Peer, { leafSet }: StateRequest): void {
    const { tables, host } = this.#node
    const reply: State = {
      type: 'State',
      id: 0,
      isLast: false,
      isWhole: false,
      leafSet: [],
      table: tables.routingTable.rows(0, tables.routingTable.rowOf(from)).filter((peer) => peer !== from),
      neighborhood: tables.neighborhood,
    }
    this.#ends.learn(from)
    for (const peer of leafSet) this.#ends.heardOf(peer, false)
    host.send(from, reply)
  }

  onState(from: Peer, state: State): void {
    if (state.id === 0) {
      if (this.#asked?.delete(from) !== true) return this.#node.drop('unasked-state')
    } else if (state.id !== this.#routeId) {
      return this.#node.drop('unasked-state')
    }
    if (state.isLast && this.#isJoining) this.#takePlace(from, state)
    else if (this.#node.isJoined) this.#ends.learn(from)
    else this.#node.tables.enter(from)
    for (const peer of state.table) this.#ends.heardOf(peer, false)
    for (const peer of state.neighborhood) this.#ends.heardOf(peer, false)
  }

  /** Asks all that are known now for their tables; and a little later tells those who were found so. */
  onSecondStageTimer(stage: number): void {
    const { host, config, tables } = this.#node
    const leafSet = tables.leafSet.members
    if (stage === TELL_THE_FOUND) {
      for (const peer of tables.everyone)
        if (this.#told?.has(peer) !== true) host.send(peer, { type: 'Announce', leafSet })
      this.#told = undefined
      return
    }
    this.#told = new Set(leafSet)
    for (const peer of new Set([...tables.routingTable.entries, ...tables.neighborhood])) {
      this.#asked ??= new Set()
      this.#asked.add(peer)
      this.#told.add(peer)
      host.send(peer, { type: 'StateRequest', leafSet })
    }
    host.setTimer(TIMER_SECOND_STAGE, config.secondStageDelayMs, TELL_THE_FOUND)
  }

  /** Whom to join through: those that were given, and those that were there once. */
  get #candidates(): readonly Peer[] {
    return [...this.#contacts, ...this.#lost]
  }

  #appended(list: readonly Peer[], peer: Peer): Peer[] {
    return [...list.filter((other) => other !== peer), peer].slice(-this.#node.config.contactsMax)
  }

  #try(): void {
    const { host, config } = this.#node
    this.#attempt++
    const candidates = this.#candidates
    const contact = candidates[(this.#attempt - 1) % candidates.length] as Peer
    this.#routeId = this.#ends.sendThrough(contact, 'join')
    host.setTimer(TIMER_JOIN, config.joinTimeoutMs * (0.75 + 0.5 * host.random()), this.#attempt)
  }

  /** The node closest to us sent its leaf set: it is ours, but for who is where. */
  #takePlace(from: Peer, { leafSet, isWhole }: State): void {
    const { host, config, tables, liveness } = this.#node
    this.#isJoining = false
    const known = [from, ...leafSet.filter((peer) => !liveness.isGone(peer)), ...tables.leafSet.members]
    tables.leafSet.replace(known, isWhole)
    for (const peer of known) tables.enter(peer)
    this.#ends.joined()
    const members = tables.leafSet.members
    for (const peer of members) host.send(peer, { type: 'Announce', leafSet: members })
    if (config.hasSecondStage) host.setTimer(TIMER_SECOND_STAGE, config.secondStageDelayMs)
  }
}
