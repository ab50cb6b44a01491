import { type Connection, KEEP_ALIVE, type Logger, type PeerId } from '@libp2p/interface'
import { type Peer, toPeer } from '@servent/machine'
import { type AddressBook, isWebRTC } from './address-book.ts'
import { DialBackoff } from './dial-backoff.ts'
import { DialError, toError } from './errors.ts'
import type { OverlayNode } from './node.ts'
import type { PeerIds } from './peer-ids.ts'

export interface ConnectionBudgetOptions {
  /** Live connections of the node, all overlays together. Default 24 in a tab, 200 in Node. */
  readonly connectionsMax?: number
  /** Dials at the same time. Default 8. */
  readonly dialsMax?: number
  /** WebRTC connections, tried ones included, in the life of the page. Default 400 in a tab, no limit in Node. */
  readonly rtcConnectionsMax?: number
}

const isTab = typeof document !== 'undefined'

/** Ours: more than this at once is a storm. */
const DIALS_WAITING_MAX = 64
/** WebRTC's ICE stalls in one dial of ten, for no reason that a second try meets again: three tries leave one in a thousand. */
const RTC_ATTEMPTS = 3
/** Ours: three attempts of the six seconds that libp2p gives an address, and a little. */
const DIAL_TIMEOUT_MS = 20_000
/** Ours: a new connection gets this long to be used for something before it counts as idle. */
const IDLE_AFTER_MS = 10_000
/** Tag of peers that an overlay holds: libp2p keeps and restores their connections. */
const TAG = `${KEEP_ALIVE}-servent`
/** Half of what libp2p gives to peers that a person has chosen. */
const TAG_VALUE = 50

/**
 * One budget of connections for all overlays of a node: contacts are not connections. Neighbors are held; everybody else
 * is dialed on demand and let go when there are too many.
 */
export class ConnectionBudget {
  readonly connectionsMax: number
  readonly rtcConnectionsMax: number
  readonly #dialsMax: number
  readonly #node: OverlayNode
  readonly #peerIds: PeerIds
  readonly #addressBook: AddressBook
  readonly #backoff: DialBackoff
  readonly #log: Logger
  /** How many overlays hold a peer. */
  readonly #held = new Map<Peer, number>()
  /** Dials that run or wait, so that two overlays share one. */
  readonly #dials = new Map<Peer, Promise<Connection>>()
  readonly #waiting: (() => void)[] = []
  #dialCount = 0
  #rtcCount = 0
  #life = new AbortController()
  #pruneTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    node: OverlayNode,
    known: { peerIds: PeerIds; addressBook: AddressBook; now: () => number; random: () => number },
    options: ConnectionBudgetOptions = {}
  ) {
    this.connectionsMax = options.connectionsMax ?? (isTab ? 24 : 200)
    this.rtcConnectionsMax = options.rtcConnectionsMax ?? (isTab ? 400 : Number.POSITIVE_INFINITY)
    this.#dialsMax = options.dialsMax ?? 8
    this.#node = node
    this.#peerIds = known.peerIds
    this.#addressBook = known.addressBook
    this.#backoff = new DialBackoff(known.now, known.random)
    this.#log = node.logger.forComponent('servent:connection-budget')
  }

  /** Connections that are open now. */
  get liveCount(): number {
    return this.#node.getConnections().length
  }

  /** WebRTC connections made so far, tried ones included. Chromium refuses the 501st of a page. */
  get rtcCount(): number {
    return this.#rtcCount
  }

  /**
   * A connection to a peer: the one there is, or a new one. Overlays that want the same peer share one dial, so it
   * goes on when one of them has lost interest.
   *
   * @param isRelayEnough - whether one through a relay, with its limits, will do
   * @throws DialError by name, whatever the transport threw as its cause
   */
  async connect(peer: Peer, isRelayEnough: boolean): Promise<Connection> {
    const existing = this.#existing(peer, isRelayEnough)
    if (existing !== undefined) return existing
    let dial = this.#dials.get(peer)
    if (dial === undefined) {
      dial = this.#dial(peer, isRelayEnough).finally(() => this.#dials.delete(peer))
      this.#dials.set(peer, dial)
    }
    const connection = await dial
    if (connection.limits === undefined || isRelayEnough) return connection
    throw new DialError('only-relayed')
  }

  /** Keeps the connection to a peer, for one overlay. */
  hold(peer: Peer): void {
    const count = this.#held.get(peer) ?? 0
    this.#held.set(peer, count + 1)
    if (count === 0) this.#tag(peer, true)
  }

  /** Undoes one `hold`. */
  release(peer: Peer): void {
    const count = this.#held.get(peer) ?? 0
    if (count > 1) {
      this.#held.set(peer, count - 1)
    } else if (this.#held.delete(peer)) {
      this.#tag(peer, false)
    }
  }

  /** A connection has been opened, by whomever. For the owner of the node's events. */
  opened(connection: Connection): void {
    if (isWebRTC(connection.remoteAddr)) this.#rtcCount++
    this.#backoff.succeeded(toPeer(connection.remotePeer.toString()))
    if (this.liveCount > this.connectionsMax) this.#pruneSoon()
  }

  start(): void {
    this.#life = new AbortController()
  }

  /** Ends the dials that are under way. */
  stop(): void {
    this.#life.abort(new Error('stopped'))
    clearTimeout(this.#pruneTimer)
    this.#pruneTimer = undefined
  }

  #existing(peer: Peer, isRelayEnough: boolean): Connection | undefined {
    const id = this.#peerIds.idOf(peer)
    if (id === undefined) throw new DialError('dial-failed', { cause: new Error('not a PeerId') })
    const open = this.#node.getConnections(id).filter(({ status }) => status === 'open')
    return open.find(({ limits }) => limits === undefined) ?? (isRelayEnough ? open[0] : undefined)
  }

  async #dial(peer: Peer, isRelayEnough: boolean): Promise<Connection> {
    if (!this.#backoff.isOver(peer)) throw new DialError('backing-off')
    if (this.liveCount >= this.connectionsMax && !(await this.#prune(0))) throw new DialError('connections-full')
    await this.#turn()
    try {
      const signal = AbortSignal.any([this.#life.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
      return await this.#attempt(peer, isRelayEnough, signal)
    } catch (thrown) {
      this.#backoff.failed(peer)
      throw thrown instanceof DialError ? thrown : new DialError('dial-failed', { cause: toError(thrown) })
    } finally {
      // Whoever waits gets this turn; without anybody it ends.
      const next = this.#waiting.shift()
      if (next === undefined) this.#dialCount--
      else next()
    }
  }

  /** Waits until fewer dials are running than allowed. */
  async #turn(): Promise<void> {
    if (this.#dialCount < this.#dialsMax) {
      this.#dialCount++
      return
    }
    if (this.#waiting.length >= DIALS_WAITING_MAX) throw new DialError('dials-full')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #attempt(peer: Peer, isRelayEnough: boolean, signal: AbortSignal): Promise<Connection> {
    // Through a relay that we are ourselves leads only who is connected to us already.
    const own = `/p2p/${this.#node.peerId}/p2p-circuit`
    const known = this.#addressBook.addressesOf(peer).filter((address) => !address.toString().includes(own))
    if (known.length === 0 && this.#addressBook.addressesOf(peer).length > 0) throw new DialError('dial-failed')
    const isRtcSpent = this.#rtcCount >= this.rtcConnectionsMax
    const addresses = isRtcSpent ? known.filter((address) => !isWebRTC(address)) : known
    if (known.length > 0 && addresses.length === 0) throw new DialError('rtc-spent')
    const id = this.#peerIds.idOf(peer)
    if (id === undefined) throw new DialError('dial-failed')
    const attemptsMax = addresses.some(isWebRTC) ? RTC_ATTEMPTS : 1
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.#node.dial(addresses.length > 0 ? addresses : id, { signal })
        // Dials to one peer are joined: another's, through a relay, may have answered ours.
        if (connection.limits === undefined || isRelayEnough || attempt >= RTC_ATTEMPTS) return connection
      } catch (thrown) {
        if (addresses.some(isWebRTC)) this.#rtcCount++
        if (attempt >= attemptsMax || signal.aborted) throw thrown
        this.#log('dial %d of %d to %s failed - %e', attempt, attemptsMax, peer, toError(thrown))
      }
    }
  }

  #pruneSoon(): void {
    this.#pruneTimer ??= setTimeout(() => {
      this.#pruneTimer = undefined
      this.#pruneAll().catch((thrown: unknown) => {
        this.#log.error('could not prune connections - %e', toError(thrown))
      })
    }, IDLE_AFTER_MS)
  }

  async #pruneAll(): Promise<void> {
    while (this.liveCount > this.connectionsMax && (await this.#prune(IDLE_AFTER_MS))) {
      this.#log('closed an idle connection')
    }
  }

  /** Closes the oldest connection that nobody holds or uses. Returns whether there was one. */
  async #prune(ageMs: number): Promise<boolean> {
    const openedBefore = Date.now() - ageMs
    const connections = this.#node
      .getConnections()
      .filter((connection) => connection.timeline.open <= openedBefore)
      .sort((a, b) => a.timeline.open - b.timeline.open)
    for (const connection of connections) {
      if (!(await this.#isIdle(connection))) continue
      await connection.close().catch((thrown: unknown) => connection.abort(toError(thrown)))
      return true
    }
    return false
  }

  async #isIdle({ remotePeer, status, streams }: Connection): Promise<boolean> {
    if (status !== 'open' || this.#held.has(toPeer(remotePeer.toString()))) return false
    // Streams of libp2p's own chatter do not count.
    if (streams.some(({ protocol }) => protocol !== '' && !protocol.startsWith('/ipfs/'))) return false
    const tags = await this.#tagsOf(remotePeer)
    // Others than overlays keep connections too: a relay's carries our address and no stream.
    return ![...tags.keys()].some((tag) => tag.startsWith(KEEP_ALIVE))
  }

  /** None of a peer that the store has forgotten: it does so after six hours, connected or not. */
  async #tagsOf(peerId: PeerId): Promise<ReadonlyMap<string, unknown>> {
    try {
      return (await this.#node.peerStore.get(peerId)).tags
    } catch (thrown) {
      this.#log('nothing is known of %s - %e', peerId.toString(), toError(thrown))
      return new Map()
    }
  }

  #tag(peer: Peer, isHeld: boolean): void {
    const id = this.#peerIds.idOf(peer)
    if (id === undefined) return
    const tags = { [TAG]: isHeld ? { value: TAG_VALUE } : undefined }
    this.#node.peerStore.merge(id, { tags }).catch((thrown: unknown) => {
      this.#log.error('could not tag %s - %e', peer, toError(thrown))
    })
  }
}
