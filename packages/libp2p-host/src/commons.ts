import type { Connection, IdentifyResult, PeerId } from '@libp2p/interface'
import { toPeer } from '@servent/machine'
import { AddressBook, type AddressBookOptions } from './address-book.ts'
import { ConnectionBudget, type ConnectionBudgetOptions } from './connection-budget.ts'
import { Discouraged } from './discouraged.ts'
import type { OverlayNode } from './node.ts'
import { PeerIds } from './peer-ids.ts'
import { randomStream } from './random-stream.ts'

export interface CommonsOptions extends AddressBookOptions, ConnectionBudgetOptions {
  /** Milliseconds, never going back. Default `performance.now`. */
  readonly clock?: () => number
}

/**
 * What all overlays of one node have in common: who is where, how many connections there may be, and whom to avoid.
 * {@link commonsOf} keeps one for each node.
 */
export class Commons {
  readonly clock: () => number
  readonly random = randomStream()
  readonly peerIds = new PeerIds()
  readonly addressBook: AddressBook
  readonly budget: ConnectionBudget
  readonly discouraged: Discouraged
  readonly #node: OverlayNode
  #userCount = 0

  constructor(node: OverlayNode, options: CommonsOptions = {}) {
    this.#node = node
    this.clock = options.clock ?? (() => performance.now())
    this.addressBook = new AddressBook(options)
    this.discouraged = new Discouraged(this.clock)
    const { peerIds, addressBook, random } = this
    this.budget = new ConnectionBudget(node, { peerIds, addressBook, random, now: this.clock }, options)
  }

  /** Begins to listen to the node, for one more overlay. */
  start(): void {
    if (this.#userCount++ > 0) return
    this.budget.start()
    for (const connection of this.#node.getConnections()) this.#learnFrom(connection)
    this.#node.addEventListener('connection:open', this.#onConnectionOpen)
    this.#node.addEventListener('peer:identify', this.#onPeerIdentify)
  }

  /** Undoes one `start`. */
  stop(): void {
    if (--this.#userCount > 0) return
    this.#node.removeEventListener('connection:open', this.#onConnectionOpen)
    this.#node.removeEventListener('peer:identify', this.#onPeerIdentify)
    this.budget.stop()
  }

  readonly #onConnectionOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#learnFrom(detail)
    this.budget.opened(detail)
  }

  readonly #onPeerIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const peer = toPeer(detail.peerId.toString())
    for (const address of detail.listenAddrs) this.addressBook.learn(peer, address, true)
  }

  /** Where we have reached a peer, it is; where it comes from is only a port that it will not use again. */
  #learnFrom({ direction, remoteAddr, remotePeer }: Connection): void {
    if (direction === 'outbound') this.addressBook.learn(toPeer(remotePeer.toString()), remoteAddr, true)
  }
}

/** A node is known by its PeerId object: a service's components and the node itself share that one. */
const commons = new WeakMap<PeerId, Commons>()

/** The commons of a node. `options` count for whoever asks first. */
export function commonsOf(node: OverlayNode, options?: CommonsOptions): Commons {
  let found = commons.get(node.peerId)
  if (found === undefined) {
    found = new Commons(node, options)
    commons.set(node.peerId, found)
  }
  return found
}
