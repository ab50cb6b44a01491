import type { Connection, PeerId } from '@libp2p/interface'
import { retimeableSignal } from 'retimeable-signal'
import type { RelayedLimits, ServentNode } from './node.ts'

/** Ours: how long a relayed connection stays after a direct one is there, so that the last signaling message gets through. */
const RELAYED_LINGER_MS = 3000

/** The longest timer there is, in milliseconds: the reservation ends with the connection. */
const FOREVER_MS = 2 ** 31 - 1

/**
 * Introduces peers to each other. Two tabs need a third party to carry the first words of a WebRTC connection. A bootstrap
 * node does that as a circuit relay, but bootstrap nodes may die: so each servent stands ready to carry them between any
 * two peers that it has direct connections to, under a relay's limits. A peer needs no reservation for it: the connection
 * is one.
 *
 * Also clears away what introductions leave behind: relayed connections to peers that are now reached directly, and
 * reservations of peers that have gone (a libp2p relay keeps those until they expire).
 */
export class Introducer {
  readonly #node: ServentNode
  readonly #limits: RelayedLimits
  /** A relay gives reservations to those who ask, and needs no others. */
  readonly #isRelay: boolean
  readonly #lingering = new Set<ReturnType<typeof setTimeout>>()

  constructor(node: ServentNode, limits: RelayedLimits, isRelay: boolean) {
    this.#node = node
    this.#limits = limits
    this.#isRelay = isRelay
  }

  start(): void {
    this.#node.addEventListener('connection:open', this.#onOpen)
    this.#node.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  stop(): void {
    this.#node.removeEventListener('connection:open', this.#onOpen)
    this.#node.removeEventListener('peer:disconnect', this.#onDisconnect)
    for (const timer of this.#lingering) clearTimeout(timer)
    this.#lingering.clear()
  }

  /** Peers that could introduce us to anyone they know: those we have a direct connection to. */
  introducers(): PeerId[] {
    return this.#node.getPeers().filter((peer) => this.#node.getConnections(peer).some(isDirect))
  }

  readonly #onOpen = (event: CustomEvent<Connection>): void => {
    const connection = event.detail
    if (!isDirect(connection)) return
    if (!this.#isRelay) this.#standReadyFor(connection)
    const timer = setTimeout(() => {
      this.#lingering.delete(timer)
      this.#closeRelayed(connection.remotePeer)
    }, RELAYED_LINGER_MS)
    this.#lingering.add(timer)
  }

  #standReadyFor(connection: Connection): void {
    this.#node.services.relay.reservations.set(connection.remotePeer, {
      addr: connection.remoteAddr,
      expiry: new Date(Date.now() + FOREVER_MS),
      limit: this.#limits,
      signal: retimeableSignal(FOREVER_MS),
    })
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    const { reservations } = this.#node.services.relay
    reservations.get(event.detail)?.signal.clear()
    reservations.delete(event.detail)
  }

  #closeRelayed(peer: PeerId): void {
    const connections = this.#node.getConnections(peer)
    if (!connections.some(isDirect)) return
    for (const connection of connections) {
      if (isDirect(connection)) continue
      connection
        .close()
        .catch((error: unknown) => connection.abort(error instanceof Error ? error : new Error('not closed')))
    }
  }
}

/** Whether a connection runs straight to the peer: libp2p gives limits to relayed ones only. */
export function isDirect(connection: Connection): boolean {
  return connection.limits === undefined
}
