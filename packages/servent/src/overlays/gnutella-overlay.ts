import {
  type GnutellaConfig,
  type GnutellaEvent,
  type Servent as GnutellaServent,
  gnutella04,
  gnutella06,
  type HybridConfig,
  HybridServent,
  type Message,
  type ServentId,
} from '@servent/gnutella'
import { dropPriority } from '@servent/gnutella/libp2p'
import { defaultLimits, type ProtocolRunner, type RunnerOptions, runProtocol } from '@servent/libp2p-host'
import type { Library } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { identityOf } from '../identity.ts'
import type { ServentNode } from '../node.ts'
import type { GnutellaRole, GnutellaStatus, QuerySeen, ServentOptions, Source } from '../types.ts'
import { GnutellaSearch } from './gnutella-search.ts'

/** Ours: neighbors that a bootstrap node takes. Each newcomer asks it, and hears of others from it. */
const BOOTSTRAP_NEIGHBORS_MAX = 256

/** Ours: what a peer shares is to be found a moment later, and a table's difference is a few bytes. Milliseconds. */
const SHARE_TOLD_MS = 1000

/** Ours: a tab holds {@link defaultLimits} of connections for everything, so its part as an ultrapeer is small. */
const TAB = { neighborsTarget: 4, neighborsMax: 8, leafSlots: 12 } as const

/** What happens in Gnutella that the servent has to do something about. */
export interface GnutellaListener {
  /** Neighbors or roles have changed. */
  onChange(): void
  /** A peer cannot reach us and asks us to dial it. */
  onPushRequested(peerId: string): void
  onQuerySeen(query: QuerySeen): void
}

/** Gnutella on one node. */
export class GnutellaOverlay {
  readonly search: GnutellaSearch
  readonly #runner: ProtocolRunner<GnutellaServent>
  readonly #listener: GnutellaListener

  /** Makes the overlay, not started. */
  constructor(node: ServentNode, library: Library, options: ServentOptions, listener: GnutellaListener) {
    this.#listener = listener
    const runner: RunnerOptions<Message, GnutellaEvent> = {
      onEvent: (event) => this.#onEvent(event),
      dropPriority,
      limits: { linksMax: options.relay === undefined ? defaultLimits.linksMax : 2 * BOOTSTRAP_NEIGHBORS_MAX },
    }
    this.#runner =
      options.gnutella === '0.4'
        ? runProtocol(node, gnutella04, config04(library, options), runner)
        : runProtocol<Message, GnutellaEvent, HybridConfig, HybridServent>(
            node,
            gnutella06,
            config06(library, options),
            runner
          )
    this.search = new GnutellaSearch(() => this.#runner.machine)
  }

  get status(): GnutellaStatus {
    const { machine } = this.#runner
    return machine instanceof HybridServent
      ? { version: '0.6', role: machine.role }
      : { version: '0.4', role: undefined }
  }

  /** Peers that have shaken hands. */
  get neighbors(): readonly Peer[] {
    return this.#runner.machine.neighbors
  }

  /** Peers that were heard of. */
  get hosts(): readonly Peer[] {
    const { machine } = this.#runner
    const ultrapeers = machine instanceof HybridServent ? machine.knownUltrapeers : []
    return [...machine.hosts, ...ultrapeers].map(({ peer }) => peer)
  }

  /** What a neighbor is; undefined for others and for servents of 0.4. */
  roleOf(peer: Peer): GnutellaRole | undefined {
    const { machine } = this.#runner
    if (!(machine instanceof HybridServent)) return undefined
    if (machine.ultrapeers.includes(peer)) return 'ultrapeer'
    return machine.leaves.includes(peer) ? 'leaf' : undefined
  }

  start(): Promise<void> {
    return Promise.resolve(this.#runner.start())
  }

  stop(): Promise<void> {
    return Promise.resolve(this.#runner.stop())
  }

  /** Remembers a peer to connect to when neighbors are missing. */
  addHost(peer: Peer): void {
    this.#runner.machine.addHost(peer)
  }

  /** A bootstrap node has been connected: whoever is new asks it first. */
  meetBootstrap(peer: Peer): void {
    this.#runner.machine.connect(peer)
  }

  /** Makes a peer a neighbor, also one that was unlinked before. */
  link(peerId: string): void {
    const peer = toPeer(peerId)
    this.#runner.machine.unblock(peer)
    this.#runner.machine.connect(peer)
  }

  /** Ends being neighbors, until `link`. */
  unlink(peerId: string): void {
    this.#runner.machine.block(toPeer(peerId))
  }

  /** Asks whom a hit came from to dial us; false when no way to it is known. */
  push({ pushPaths }: Pick<Source, 'pushPaths'>): boolean {
    return pushPaths.some(
      (path) => path.overlay === 'gnutella' && this.#runner.machine.push(path.serventId as ServentId, path.fileIndex)
    )
  }

  #onEvent(event: GnutellaEvent): void {
    switch (event.type) {
      case 'neighbor-up':
      case 'neighbor-down':
      case 'role-changed':
        this.#listener.onChange()
        break
      case 'query-hit':
        this.search.onQueryHit(event)
        break
      case 'push-requested':
        if (typeof event.peer === 'string') this.#listener.onPushRequested(event.peer)
        break
      case 'query-seen':
        this.#listener.onQuerySeen({
          words: event.criteria,
          hops: event.hops,
          answerCount: event.resultCount,
          from: identityOf(String(event.from)),
        })
        break
      case 'host-discovered':
        break
    }
  }
}

/** A servent of 0.4: all are equal, but a bootstrap node takes more neighbors. */
function config04(library: Library, options: ServentOptions): Partial<GnutellaConfig> {
  const { neighbors, relay, tellQueries = false } = options
  return {
    library,
    tellQueries,
    ...(neighbors === undefined ? {} : { neighborsTarget: neighbors }),
    ...(relay === undefined ? {} : { neighborsMax: BOOTSTRAP_NEIGHBORS_MAX, handshakesMax: BOOTSTRAP_NEIGHBORS_MAX }),
  }
}

/** A servent of 0.6: who relays for everybody stays an ultrapeer, all others are one only while nobody better is there. */
function config06(library: Library, options: ServentOptions): Partial<HybridConfig> {
  const { relay, tellQueries = false, ultrapeer = relay !== undefined } = options
  return {
    library,
    tellQueries,
    maintenanceIntervalMs: SHARE_TOLD_MS,
    leafTableIntervalMs: SHARE_TOLD_MS,
    tableIntervalMs: SHARE_TOLD_MS,
    tablesInIntervalMs: SHARE_TOLD_MS / 2,
    ...(ultrapeer ? { capacity: 1 } : TAB),
    ...(relay === undefined ? {} : { leafSlots: BOOTSTRAP_NEIGHBORS_MAX, handshakesMax: BOOTSTRAP_NEIGHBORS_MAX }),
  }
}
