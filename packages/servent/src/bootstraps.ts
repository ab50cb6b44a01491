import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { BootstrapError, fetchBootstrapAddresses } from './bootstrap-info.ts'
import type { ServentNode } from './node.ts'
import type { BootstrapStatus } from './types.ts'

/** Ours: the first pause after a failure, in milliseconds; doubled after each further one. */
const PAUSE_MIN_MS = 1000
/** Ours: the longest pause. Bootstrap nodes may be away for long, and a tab that is online without them must not hammer. */
const PAUSE_MAX_MS = 15_000
/** Ours: how long the info document and the dial may take, each, in milliseconds. */
const ATTEMPT_MS = 8000

interface Entry {
  readonly url: string
  state: BootstrapStatus['state']
  problem: string | undefined
  peer: PeerId | undefined
}

/** What happens to bootstrap nodes, told to the servent. */
export interface BootstrapListener {
  /** Its addresses are known: before it is dialed. */
  onAddresses(addresses: Multiaddr[]): void
  onConnected(peer: string): void
  onChange(): void
}

/**
 * Keeps a connection to each bootstrap node: asks where it is, dials it, and does so again whenever it is lost. libp2p's own
 * reconnecting gives up after one failed WebSocket dial, so this loop is ours.
 */
export class Bootstraps {
  readonly #node: ServentNode
  readonly #entries: Entry[]
  readonly #listener: BootstrapListener
  readonly #stopped = new AbortController()

  constructor(node: ServentNode, urls: readonly string[], listener: BootstrapListener) {
    this.#node = node
    this.#entries = urls.map((url) => ({ url, state: 'asking', problem: undefined, peer: undefined }))
    this.#listener = listener
  }

  get status(): BootstrapStatus[] {
    return this.#entries.map(({ url, state, problem }) => ({ url, state, problem }))
  }

  isBootstrap(peerId: string): boolean {
    return this.#entries.some(({ peer }) => peer?.toString() === peerId)
  }

  start(): void {
    for (const entry of this.#entries) void this.#keep(entry)
  }

  stop(): void {
    this.#stopped.abort()
  }

  /** Never rejects: every failure ends as a state with a sentence. */
  async #keep(entry: Entry): Promise<void> {
    const { signal } = this.#stopped
    for (let pauseMs = PAUSE_MIN_MS; !signal.aborted; ) {
      try {
        const peer = await this.#connect(entry)
        pauseMs = PAUSE_MIN_MS
        this.#set(entry, 'connected', undefined)
        this.#listener.onConnected(peer.toString())
        await this.#disconnected(peer)
        this.#set(entry, 'asking', undefined)
      } catch (error) {
        if (signal.aborted) return
        this.#set(entry, 'unreachable', sentenceOf(error, entry.url))
        await sleep(pauseMs * (0.75 + Math.random() / 2), signal)
        pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)
      }
    }
  }

  async #connect(entry: Entry): Promise<PeerId> {
    const addresses = await fetchBootstrapAddresses(entry.url, this.#attemptSignal())
    this.#listener.onAddresses(addresses)
    const { remotePeer } = await this.#node.dial(addresses, { signal: this.#attemptSignal() })
    entry.peer = remotePeer
    return remotePeer
  }

  #attemptSignal(): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ATTEMPT_MS)])
  }

  /** Resolves when no connection to the peer is left, or this has been stopped. */
  #disconnected(peer: PeerId): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopped
      const done = (): void => {
        this.#node.removeEventListener('peer:disconnect', onDisconnect)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const onDisconnect = (event: CustomEvent<PeerId>): void => {
        if (event.detail.equals(peer)) done()
      }
      this.#node.addEventListener('peer:disconnect', onDisconnect)
      signal.addEventListener('abort', done)
      if (this.#node.getConnections(peer).length === 0) done()
    })
  }

  #set(entry: Entry, state: Entry['state'], problem: string | undefined): void {
    entry.state = state
    entry.problem = problem
    this.#listener.onChange()
  }
}

function sentenceOf(error: unknown, url: string): string {
  if (error instanceof BootstrapError) return error.message
  // A WebSocket that fails rejects with an ErrorEvent, which says nothing: not every rejection is an Error.
  return `The bootstrap node at ${url} says where it is, but no connection could be made.`
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
