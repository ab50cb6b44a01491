import type { Peer } from '@servent/machine'
import { Contacts } from './contacts.ts'
import type { Core } from './core.ts'
import type { Purpose, Requests } from './requests.ts'
import type { Stabilizer } from './stabilizer.ts'

/** Time to try the next contact. */
export const TIMER_JOIN = 8

/** How a node comes into a ring, and how rings that have parted become one again: through contacts, one after the other. */
export class Joining {
  readonly #core: Core
  readonly #stabilizer: Stabilizer
  readonly #requests: Requests
  readonly #contacts: Contacts
  #isJoined = false
  /** Whether contacts are tried, one after the other, until one lets us join. */
  #isJoining = false

  constructor(core: Core, stabilizer: Stabilizer, requests: Requests) {
    this.#core = core
    this.#stabilizer = stabilizer
    this.#requests = requests
    this.#contacts = new Contacts(core.config.contactsMax, core.config.lostMax)
  }

  get isJoined(): boolean {
    return this.#isJoined
  }

  /** Whether we have a place, if only as a ring of one. */
  get isMember(): boolean {
    return this.#core.ring.successor !== undefined || !this.#isJoining
  }

  /** Whom to ask first while we have no place ourselves. */
  get contact(): Peer | undefined {
    return this.#core.ring.successor === undefined && this.#isJoining ? this.#contacts.first : undefined
  }

  get size(): number {
    return this.#contacts.size
  }

  /** Whether a peer may join through us. Two that have nobody but each other do: both begin as a ring of one. */
  lets(peer: Peer): boolean {
    return this.isMember || this.#contacts.has(peer)
  }

  addContact(peer: Peer, isRunning: boolean): void {
    this.#contacts.add(peer)
    if (!isRunning) return
    const { successors } = this.#core.ring
    // In a ring that is smaller than a successor list, a stranger may be from another one; in a larger one time will tell.
    const isStranger = successors.length < this.#core.config.successorsMax && !successors.includes(peer)
    if (this.#isJoined) {
      if (isStranger) this.#merge(peer)
    } else if (!this.#isJoining && this.#core.ring.successor === undefined) {
      this.#join()
    }
  }

  /** We have a place that we need not ask for. */
  adopt(): void {
    this.#isJoined = true
  }

  /** We gave up our place. */
  leave(): void {
    this.#isJoined = false
    this.#isJoining = false
  }

  onTimer(): void {
    if (this.#isJoining) this.#join()
  }

  onMergeTimer(): void {
    const peer = this.#pick()
    if (this.#isJoined && peer !== undefined) this.#merge(peer)
  }

  /** A successor has answered. False if we had joined before. */
  onPlaced(): boolean {
    if (this.#isJoined) return false
    this.#isJoined = true
    this.#isJoining = false
    this.#core.host.emit({ type: 'joined' })
    return true
  }

  onLost(peer: Peer): void {
    this.#contacts.addLost(peer)
  }

  /** Nobody is left of our ring. */
  onAlone(): void {
    const peer = this.#pick()
    if (peer === undefined) return
    this.#isJoined = false
    this.#contacts.add(peer)
    this.#join()
  }

  /** A contact's ring has told where our place is in it. */
  onMembers(kind: 'join' | 'merge', contact: Peer, predecessor: Peer, successors: readonly Peer[]): void {
    const { ring, host } = this.#core
    const others = successors.filter((peer) => peer !== host.self)
    const successor = others[0] ?? predecessor
    if (successor === host.self) return
    if (kind === 'merge') {
      if (ring.isBeforeSuccessor(successor)) this.#stabilizer.consider(successor)
      else this.#contacts.removeLost(contact)
      return
    }
    // Join (Zave): the member's whole list. It is before us, and alive, so it is our predecessor.
    if (ring.successor === undefined) {
      ring.adopt(successor, others.slice(1))
      if (predecessor !== host.self) ring.predecessor ??= predecessor
    }
    this.#stabilizer.stabilize()
  }

  /** A request to join came to nothing. The next contact may be alive; one alone is tried again when it is time. */
  onFailed(purpose: Purpose, wasSent: boolean): void {
    const isNextOther = purpose.kind === 'join' && this.#contacts.first !== purpose.contact
    if (wasSent && this.#isJoining && isNextOther) this.#askToJoin()
  }

  #pick(): Peer | undefined {
    return this.#contacts.pick(() => this.#core.host.random())
  }

  /** Joins through the contact whose turn it is, and sees to it that there is another try. */
  #join(): void {
    const { host, config, ring } = this.#core
    if (this.#contacts.first === undefined) return
    this.#isJoining = true
    host.setTimer(TIMER_JOIN, config.joinTimeoutMs * (0.5 + host.random()))
    if (ring.successor !== undefined) this.#stabilizer.stabilize()
    else this.#askToJoin()
  }

  #askToJoin(): void {
    const { host, ring } = this.#core
    const contact = this.#contacts.first
    if (contact === undefined || ring.successor !== undefined) return
    this.#contacts.turn()
    this.#requests.start(host.keyOf(host.self), { kind: 'join' }, { kind: 'join', contact })
  }

  /** Asks a peer for our place in its ring: if that is not ours, there are two. */
  #merge(contact: Peer): void {
    const { host } = this.#core
    this.#requests.start(host.keyOf(host.self), { kind: 'join' }, { kind: 'merge', contact })
  }
}
