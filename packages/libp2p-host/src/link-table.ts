import type { Connection, Logger, Stream } from '@libp2p/interface'
import { type Framing, type Peer, toPeer } from '@servent/machine'
import type { Commons } from './commons.ts'
import { DialError, toError } from './errors.ts'
import type { Limits } from './limits.ts'
import { Link, type LinkOwner } from './link.ts'
import { Lru } from './lru.ts'
import { TokenBucket } from './traffic-meter.ts'

/** Streams that a peer may open beyond its rate before it is a flooder. Ours. */
const STREAMS_EXCESS_MAX = 32
/** Peers whose rate of opening streams is watched. Ours: the oldest goes. */
const OPENERS_MAX = 1024
/** Streams that one connection may have under way from us, those still closing included. */
const OUTBOUND_STREAMS_MAX = 8

/** What the table tells the host. */
export interface LinkTableUser {
  onConnected(link: Link): void
  onDisconnected(link: Link): void
  onFrame(link: Link, frame: Uint8Array): void
  /** A turn is over: all that was sent in it is written now. */
  onFlush(): void
  drop(reason: string, count?: number): void
}

export interface LinkTableContext {
  readonly protocolId: string
  readonly framing: Framing
  readonly limits: Limits
  readonly log: Logger
  readonly commons: Commons
  readonly self: Peer
  readonly runOnLimitedConnection: boolean
}

/** How often one peer opens streams to us. */
interface Opener {
  readonly bucket: TokenBucket
  excessCount: number
}

/** The links of one protocol: one per peer, opened by us or by them, and ended once. */
export class LinkTable implements LinkOwner {
  readonly limits: Limits
  readonly framing: Framing
  readonly log: Logger
  readonly #context: LinkTableContext
  readonly #user: LinkTableUser
  readonly #links = new Map<Peer, Link>()
  readonly #openers = new Lru<Peer, Opener>(OPENERS_MAX)
  /** Links with something new to write: flushed together when the turn is over. */
  readonly #unwritten = new Set<Link>()
  #isFlushScheduled = false
  #isClosed = true
  #idleTimer: ReturnType<typeof setInterval> | undefined

  constructor(context: LinkTableContext, user: LinkTableUser) {
    this.limits = context.limits
    this.framing = context.framing
    this.log = context.log
    this.#context = context
    this.#user = user
  }

  open(): void {
    this.#isClosed = false
    const { linkIdleMs } = this.limits
    if (linkIdleMs > 0) this.#idleTimer = setInterval(() => this.#endIdle(), linkIdleMs / 2)
  }

  /** Ends all links, what waits in them written first. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#idleTimer)
    const links = [...this.#links.values()]
    await Promise.all(links.map((link) => this.#end(link, false)))
  }

  /** Peers with an open link. */
  peers(): Peer[] {
    return [...this.#links.values()].filter(({ isOpen }) => isOpen).map(({ peer }) => peer)
  }

  /** Bytes that wait in all outboxes. */
  get outboxBytes(): number {
    let bytes = 0
    for (const { outbox } of this.#links.values()) bytes += outbox.bytes
    return bytes
  }

  /** The link with a peer, opening one if there is none. Undefined if there may be none. */
  linkTo(peer: Peer): Link | undefined {
    return this.#links.get(peer) ?? this.#dial(peer)
  }

  /** Ends the link with a peer because the machine wants so, if there is one: it is told in any case. */
  disconnect(peer: Peer): void {
    const link = this.#links.get(peer)
    if (link === undefined) return
    link.isAsked = true
    this.#lose(link, false)
  }

  /** Has a link written to when the turn is over. */
  flushSoon(link: Link): void {
    this.#unwritten.add(link)
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    queueMicrotask(() => {
      this.#isFlushScheduled = false
      this.#user.onFlush()
      const links = [...this.#unwritten]
      this.#unwritten.clear()
      for (const each of links) each.flush()
    })
  }

  /** A peer has opened a stream to us. */
  accept(stream: Stream, connection: Connection): void {
    const peer = toPeer(connection.remotePeer.toString())
    const refusal = this.#refusal(peer)
    if (refusal !== undefined) {
      this.drop(refusal)
      stream.abort(new Error(refusal))
      if (refusal === 'discouraged') hangUp(connection, this.log)
      return
    }
    let link = this.#links.get(peer)
    // An honest peer has one stream to us: a second one means that it has lost the first and begins anew.
    if (link?.hasInbound) {
      this.#lose(link, true)
      link = undefined
    }
    this.#attach(link ?? this.#add(peer), stream, connection)
  }

  now(): number {
    return this.#context.commons.clock()
  }

  drop(reason: string, count?: number): void {
    this.#user.drop(reason, count)
  }

  onFrame(link: Link, frame: Uint8Array): void {
    this.#user.onFrame(link, frame)
  }

  onGone(link: Link): void {
    if (link.isUnheard) this.drop('refused')
    this.#lose(link, false)
  }

  onBreach(link: Link, reason: string): void {
    if (link.hasEnded) return
    const { connection, peer } = link
    this.drop(`breach:${reason}`)
    const durationMs = this.#context.commons.discouraged.add(peer)
    this.log('dropped %s for %s, discouraged for %d s', peer, reason, durationMs / 1000)
    this.#lose(link, true)
    if (connection !== undefined) hangUp(connection, this.log)
  }

  /** Why a stream of this peer is not taken. */
  #refusal(peer: Peer): string | undefined {
    if (this.#isClosed) return 'stopped'
    const { discouraged } = this.#context.commons
    if (discouraged.has(peer)) return 'discouraged'
    const excess = this.#excessOf(peer)
    if (excess > STREAMS_EXCESS_MAX) {
      this.drop('breach:stream-flood')
      discouraged.add(peer)
      const link = this.#links.get(peer)
      if (link !== undefined) this.#lose(link, true)
      return 'discouraged'
    }
    if (excess > 0) return 'streams-excess'
    return !this.#links.has(peer) && this.#links.size >= this.limits.linksMax ? 'links-full' : undefined
  }

  /** How many streams in a row a peer has opened beyond its rate, this one included. */
  #excessOf(peer: Peer): number {
    const now = this.now()
    let opener = this.#openers.get(peer)
    if (opener === undefined) {
      const { streamsPerSecond, streamsBurst } = this.limits
      opener = { bucket: new TokenBucket(streamsPerSecond, streamsBurst, now), excessCount: 0 }
      this.#openers.set(peer, opener)
    }
    opener.excessCount = opener.bucket.take(1, now) ? 0 : opener.excessCount + 1
    return opener.excessCount
  }

  #add(peer: Peer): Link {
    const link = new Link(peer, this)
    this.#links.set(peer, link)
    return link
  }

  #attach(link: Link, stream: Stream, connection: Connection): void {
    const isFirst = !link.isOpen
    link.attach(stream, connection)
    if (!isFirst) return
    this.#context.commons.budget.hold(link.peer)
    this.#user.onConnected(link)
    this.flushSoon(link)
  }

  #dial(peer: Peer): Link | undefined {
    if (this.#isClosed) return undefined
    const refusal = this.#dialRefusal(peer)
    if (refusal !== undefined) {
      this.drop(refusal)
      return undefined
    }
    const link = this.#add(peer)
    this.#openStream(peer).then(
      ({ stream, connection }) => {
        if (link.hasEnded) stream.abort(new Error('no longer wanted'))
        else this.#attach(link, stream, connection)
      },
      (thrown: unknown) => {
        // The peer may have come to us in the meantime.
        if (link.isOpen || link.hasEnded) return
        this.drop(reasonOf(thrown))
        this.log('could not reach %s - %e', peer, toError(thrown))
        this.#lose(link, false)
      }
    )
    return link
  }

  #dialRefusal(peer: Peer): string | undefined {
    if (peer === this.#context.self) return 'self'
    if (this.#context.commons.discouraged.has(peer)) return 'discouraged'
    return this.#links.size >= this.limits.linksMax ? 'links-full' : undefined
  }

  async #openStream(peer: Peer): Promise<{ stream: Stream; connection: Connection }> {
    const { commons, protocolId, runOnLimitedConnection } = this.#context
    const connection = await commons.budget.connect(peer, runOnLimitedConnection)
    const stream = await connection.newStream(protocolId, {
      signal: AbortSignal.timeout(this.limits.openTimeoutMs),
      maxOutboundStreams: OUTBOUND_STREAMS_MAX,
      runOnLimitedConnection,
    })
    return { stream, connection }
  }

  /** Contacts are not connections: a link that nothing goes over would hold one that others need. */
  #endIdle(): void {
    const usedBefore = this.now() - this.limits.linkIdleMs
    for (const link of this.#links.values()) if (link.isOpen && link.usedAt <= usedBefore) this.#lose(link, false)
  }

  /** Ends a link and says so. */
  #lose(link: Link, isAbrupt: boolean): void {
    if (link.hasEnded) return
    this.#end(link, isAbrupt).catch((thrown: unknown) => {
      this.log.error('could not end the link with %s - %e', link.peer, toError(thrown))
    })
    this.#user.onDisconnected(link)
  }

  async #end(link: Link, isAbrupt: boolean): Promise<void> {
    this.#links.delete(link.peer)
    if (link.isOpen) this.#context.commons.budget.release(link.peer)
    await link.end(isAbrupt)
  }
}

/** Why a stream could not be opened, as a word to count by. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof DialError) return thrown.reason
  return thrown instanceof Error && thrown.name === 'UnsupportedProtocolError' ? 'unsupported' : 'stream-failed'
}

/** Closes a connection: not `abort`, which leaves a WebSocket open. */
function hangUp(connection: Connection, log: Logger): void {
  connection.close().catch((thrown: unknown) => {
    log('could not close a connection - %e', toError(thrown))
    connection.abort(toError(thrown))
  })
}
