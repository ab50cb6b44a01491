import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { lpStream, RateLimitError, RateLimiter } from '@libp2p/utils'
import { identityOf } from '../identity.ts'
import { isDirect } from '../introducer.ts'
import type { ServentNode } from '../node.ts'
import type { Hit, LinkTarget, OverlayProgress, ProbeFinding, ProbeReport, SearchOptions } from '../types.ts'
import {
  decodeProbeAnswer,
  decodeProbeRequest,
  encodeProbe,
  PROBE_BYTES_MAX,
  type ProbeAnswer,
  type ProbeRequest,
} from './messages.ts'

/** Asks another peer to look for a file of ours, as anybody would. */
const PROBE_PROTOCOL = '/servent/probe/1.0.0'

/** Ours: how long the asked peer looks, in milliseconds. A look-up that has timeouts on its way takes that long. */
const LOOK_MS = 8_000
/** Ours: how long a message may take to come, in milliseconds. */
const MESSAGE_MS = 5_000
/** Ours: how many are looked for at once for others: each is a flood and four look-ups. */
const LOOKING_MAX = 2
/** Ours: how often one peer may ask in a minute, and all together. */
const ASKED_PER_PEER_MAX = 6
const ASKED_MAX = 20
/** Ours: peers that are asked until one looks. */
const TRIES_MAX = 4

/** Thrown when nobody looked. `message` is a sentence for a person. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError'
}

/** What became of a probe of somebody else. */
export type ProbeOutcome = 'looked' | 'busy' | 'malformed-or-lost'

/** What is asked of the servent to look for a file. */
export interface ProbeSources {
  readonly node: ServentNode
  find(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit>
  /** Peers that are asked last: they are near us, and find what others do not. */
  isNear(peerId: string): boolean
}

/**
 * Finds out whether others can find what we share: asks a connected peer to look for it with all its overlays, and looks for others
 * likewise. The asked peer looks for the asker alone, so it tells nothing of anybody else.
 */
export class Prober {
  readonly #sources: ProbeSources
  readonly #perPeer = new RateLimiter({ points: ASKED_PER_PEER_MAX, duration: 60 })
  readonly #all = new RateLimiter({ points: ASKED_MAX, duration: 60 })
  readonly #outcomes = new Map<ProbeOutcome, number>()
  readonly #stopped = new AbortController()
  #lookingCount = 0

  constructor(sources: ProbeSources) {
    this.#sources = sources
  }

  /** How often others asked, by what became of it. */
  get outcomes(): ReadonlyMap<ProbeOutcome, number> {
    return this.#outcomes
  }

  async start(): Promise<void> {
    await this.#sources.node.handle(PROBE_PROTOCOL, (stream, connection) => this.#onStream(stream, connection), {
      maxInboundStreams: LOOKING_MAX,
      runOnLimitedConnection: false,
    })
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new ProbeError('This peer has been stopped.'))
    await this.#sources.node.unhandle(PROBE_PROTOCOL)
  }

  /**
   * Has another peer look for a file that we share.
   *
   * @throws ProbeError when nobody looked, or the signal's reason
   */
  async probe(request: ProbeRequest, signal: AbortSignal | undefined): Promise<ProbeReport> {
    const stop = AbortSignal.any([this.#stopped.signal, ...(signal ? [signal] : [])])
    const peers = await this.#candidates()
    if (peers.length === 0) throw new ProbeError('Nobody is connected who could look for it.')
    for (const peer of peers) {
      const findings = await this.#ask(peer, request, stop)
      if (findings !== undefined) return { by: identityOf(peer.toString()), findings }
    }
    throw new ProbeError('Those who could look for it did not answer, or are busy. Try again in a minute.')
  }

  /** Connected peers that can look, the farthest first. */
  async #candidates(): Promise<PeerId[]> {
    const { node, isNear } = this.#sources
    const peers: PeerId[] = []
    for (const peer of node.getPeers()) {
      if (!node.getConnections(peer).some(isDirect) || !(await node.peerStore.has(peer))) continue
      if ((await node.peerStore.get(peer)).protocols.includes(PROBE_PROTOCOL)) peers.push(peer)
    }
    const nearness = (peer: PeerId) => (isNear(peer.toString()) ? 1 : 0)
    return peers.sort((a, b) => nearness(a) - nearness(b)).slice(0, TRIES_MAX)
  }

  /** What one peer found; undefined when it did not look. */
  async #ask(peer: PeerId, request: ProbeRequest, stop: AbortSignal): Promise<readonly ProbeFinding[] | undefined> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(LOOK_MS + 2 * MESSAGE_MS)])
    let stream: Stream | undefined
    try {
      stream = await this.#sources.node.dialProtocol(peer, PROBE_PROTOCOL, { signal, runOnLimitedConnection: false })
      const messages = lpStream(stream, { maxDataLength: PROBE_BYTES_MAX })
      await messages.write(encodeProbe(request), { signal })
      const answer = decodeProbeAnswer((await messages.read({ signal })).subarray())
      await stream.close({ signal })
      return 'findings' in answer ? answer.findings : undefined
    } catch (error) {
      stop.throwIfAborted()
      stream?.abort(asError(error))
      this.#log('%p did not look: %s', peer, error)
      return undefined
    }
  }

  async #onStream(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const messages = lpStream(stream, { maxDataLength: PROBE_BYTES_MAX })
    try {
      const request = decodeProbeRequest((await messages.read({ signal: this.#within(MESSAGE_MS) })).subarray())
      const answer: ProbeAnswer = this.#admits(remotePeer)
        ? { findings: await this.#look(request, remotePeer) }
        : { isBusy: true }
      await messages.write(encodeProbe(answer), { signal: this.#within(MESSAGE_MS) })
      await stream.close({ signal: this.#within(MESSAGE_MS) })
      this.#count('findings' in answer ? 'looked' : 'busy')
    } catch (error) {
      this.#count('malformed-or-lost')
      stream.abort(asError(error))
      this.#log('%p was not answered: %s', remotePeer, error)
    }
  }

  #admits(peer: PeerId): boolean {
    if (this.#lookingCount >= LOOKING_MAX) return false
    try {
      this.#perPeer.consume(peer.toString())
      this.#all.consume('')
      return true
    } catch (error) {
      if (error instanceof RateLimitError) return false
      throw error
    }
  }

  /** Looks for the file at the peer that asks: until every overlay has found it there, or the time is over. */
  async #look(request: ProbeRequest, asker: PeerId): Promise<readonly ProbeFinding[]> {
    const found = new Map<string, ProbeFinding>()
    let progress: readonly OverlayProgress[] = []
    const options: SearchOptions = {
      signal: this.#stopped.signal,
      waitMs: LOOK_MS,
      onProgress: ({ overlays }) => {
        progress = overlays
      },
    }
    this.#lookingCount++
    try {
      for await (const { sources } of this.#sources.find(request, options)) {
        const source = sources.find(({ peer }) => peer.id === asker.toString())
        for (const { overlay, hops, afterMs } of source?.findings ?? []) {
          found.set(overlay, { overlay, state: 'found', hops, afterMs: Math.round(afterMs) })
        }
        if (progress.every(({ overlay, state }) => found.has(overlay) || state === 'failed')) break
      }
    } finally {
      this.#lookingCount--
    }
    return progress.map(
      ({ overlay, state }) =>
        found.get(overlay) ?? {
          overlay,
          state: state === 'failed' ? 'failed' : 'not-found',
          hops: undefined,
          afterMs: undefined,
        }
    )
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ms)])
  }

  #count(outcome: ProbeOutcome): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
  }

  #log(format: string, peer: PeerId, error: unknown): void {
    this.#sources.node.logger.forComponent('servent:probe')(format, peer, error)
  }
}

/** Not everything that libp2p rejects with is an error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new ProbeError('The stream was lost.')
}
