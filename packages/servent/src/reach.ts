import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type Introducer, isDirect } from './introducer.ts'
import type { ServentNode } from './node.ts'

/** Ours: how long one way to a peer may take, in milliseconds: libp2p's own limit for one address is 6 s. */
const WAY_MS = 8000
/** Ours: how long a pushed peer may take to dial us, in milliseconds: its query, its dial, and one retry. */
const PUSH_MS = 15_000
/** Ours: ICE stalls now and then between peers that can reach each other, and a second dial goes through. */
const TRIES = 2
/** Ours: introducers asked for one peer. Each one that does not know it says so within a round trip. */
const INTRODUCERS_MAX = 8

/** Thrown when no direct connection to a peer can be made. `message` is a sentence for a person that says why. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

export interface ReachOptions {
  readonly signal: AbortSignal
  /** Told what is being tried, in words. */
  onStep?: (step: string) => void
  /** Asks the peer to dial us; false when there is no way to ask it. */
  push(): boolean
}

/** What is asked of the servent to reach peers. */
export interface ReachSources {
  readonly node: ServentNode
  readonly introducer: Introducer
  readonly hasWebRTC: boolean
  addressesOf(peer: PeerId): Multiaddr[]
  nameOf(peer: PeerId): string
}

/**
 * Makes a direct connection to a peer, by whatever way there is: the one that exists; its own addresses; an introduction
 * by a peer we both know; and last by asking it, along the way its query hit came, to dial us (Gnutella's push).
 */
export class Reach {
  readonly #sources: ReachSources

  constructor(sources: ReachSources) {
    this.#sources = sources
  }

  /**
   * @throws UnreachableError
   * @throws the signal's reason when it fires
   */
  async direct(peer: PeerId, options: ReachOptions): Promise<Connection> {
    const existing = this.#existing(peer)
    if (existing !== undefined) return existing
    const { nameOf } = this.#sources
    options.onStep?.(`Connecting to ${nameOf(peer)}…`)
    for (let tries = 0; tries < TRIES; tries++) {
      for (const way of this.#ways(peer)) {
        const connection = await this.#dial(way, peer, options.signal)
        if (connection !== undefined) return connection
      }
    }
    return this.#pushed(peer, options)
  }

  /** A connection through a relay, which carries little: for what is small, where no direct way was found. */
  async relayed(peer: PeerId, { signal, onStep }: Omit<ReachOptions, 'push'>): Promise<Connection | undefined> {
    const { node, introducer, addressesOf, nameOf } = this.#sources
    onStep?.(`Asking for ${nameOf(peer)} through a relay…`)
    const known = addressesOf(peer).filter((address) => relayOf(address) !== undefined && !leadsDirectly(address, true))
    const introduced = introducer.introducers().map((other) => multiaddr(`/p2p/${other}/p2p-circuit/p2p/${peer}`))
    for (const address of [...introduced.slice(0, INTRODUCERS_MAX), ...known]) {
      const open = node.getConnections(peer).find(({ status }) => status === 'open')
      if (open !== undefined) return open
      try {
        return await node.dial(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(WAY_MS)]) })
      } catch (error) {
        node.logger.forComponent('servent:reach')('%p not reached by %a: %s', peer, address, error)
        signal.throwIfAborted()
      }
    }
    return undefined
  }

  #existing(peer: PeerId): Connection | undefined {
    return this.#sources.node
      .getConnections(peer)
      .find((connection) => isDirect(connection) && connection.status === 'open')
  }

  /** The addresses to try together, best first. */
  #ways(peer: PeerId): Multiaddr[][] {
    const { node, introducer, hasWebRTC, addressesOf } = this.#sources
    const connected = new Set(node.getPeers().map(String))
    const direct = addressesOf(peer).filter((address) => leadsDirectly(address, hasWebRTC))
    // A relay that we are connected to answers at once; one that we are not may be the bootstrap node that has died.
    const byConnected = direct.filter((address) => connected.has(relayOf(address) ?? peer.toString()))
    const rest = direct.filter((address) => !byConnected.includes(address))
    const introduced = hasWebRTC
      ? introducer
          .introducers()
          .filter((other) => !other.equals(peer))
          .slice(0, INTRODUCERS_MAX)
          .map((other) => multiaddr(`/p2p/${other}/p2p-circuit/webrtc/p2p/${peer}`))
      : []
    return [
      rest.filter((address) => relayOf(address) === undefined),
      byConnected,
      ...introduced.map((address) => [address]),
      rest,
    ].filter((way) => way.length > 0)
  }

  /** A direct connection, or undefined when this way leads nowhere. */
  async #dial(way: Multiaddr[], peer: PeerId, signal: AbortSignal): Promise<Connection | undefined> {
    signal.throwIfAborted()
    try {
      const connection = await this.#sources.node.dial(way, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(WAY_MS)]),
      })
      if (isDirect(connection)) return connection
    } catch (error) {
      // One way less: the next is tried, and the person is told only when none is left.
      this.#sources.node.logger.forComponent('servent:reach')('%p not reached by %a: %s', peer, way[0], error)
      signal.throwIfAborted()
    }
    return this.#existing(peer)
  }

  async #pushed(peer: PeerId, options: ReachOptions): Promise<Connection> {
    const { nameOf } = this.#sources
    let connection: Connection | undefined
    if (this.#canBeReached() && options.push()) {
      options.onStep?.(`Asking ${nameOf(peer)} to connect to us…`)
      connection = await this.#inbound(peer, options.signal)
    }
    if (connection === undefined) throw new UnreachableError(this.#whyNot(peer))
    return connection
  }

  /** Whether anyone could connect to us directly: to ask for it otherwise would only keep a person waiting. */
  #canBeReached(): boolean {
    const { node, hasWebRTC } = this.#sources
    return node.getMultiaddrs().some((address) => leadsDirectly(address, hasWebRTC))
  }

  /** The next direct connection to the peer, whoever dials; undefined when none comes in time. */
  #inbound(peer: PeerId, signal: AbortSignal): Promise<Connection | undefined> {
    const { node } = this.#sources
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PUSH_MS)])
    return new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        node.removeEventListener('connection:open', onOpen)
        limit.removeEventListener('abort', onAbort)
        settle()
      }
      const onOpen = (event: CustomEvent<Connection>): void => {
        const connection = event.detail
        if (connection.remotePeer.equals(peer) && isDirect(connection)) done(() => resolve(connection))
      }
      const onAbort = (): void => done(() => (signal.aborted ? reject(signal.reason) : resolve(undefined)))
      node.addEventListener('connection:open', onOpen)
      limit.addEventListener('abort', onAbort)
      if (limit.aborted) onAbort()
    })
  }

  #whyNot(peer: PeerId): string {
    const { hasWebRTC, nameOf, addressesOf } = this.#sources
    const name = nameOf(peer)
    if (!hasWebRTC) {
      return `A file comes straight from its owner, and ${name} can only be reached by WebRTC, which is blocked or missing here.`
    }
    if (addressesOf(peer).length > 0 && addressesOf(peer).every((address) => !leadsDirectly(address, true))) {
      return `${name} has no WebRTC and can only be reached through a relay, which introduces peers but carries no files.`
    }
    return `No direct connection to ${name} could be made. It may have gone, or a firewall stands in between.`
  }
}

/** Whether a connection to this address would be direct. */
function leadsDirectly(address: Multiaddr, hasWebRTC: boolean): boolean {
  const names = address.getComponents().map(({ name }) => name)
  if (names.includes('webrtc')) return hasWebRTC
  return !names.includes('p2p-circuit')
}

/** The relay that an address goes through, or undefined. */
function relayOf(address: Multiaddr): string | undefined {
  const components = address.getComponents()
  const circuit = components.findIndex(({ name }) => name === 'p2p-circuit')
  return circuit === -1 ? undefined : components.slice(0, circuit).findLast(({ name }) => name === 'p2p')?.value
}
