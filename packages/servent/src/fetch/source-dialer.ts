import type { AbortOptions, Connection, PeerId, Stream } from '@libp2p/interface'
import { type Dialer, DownloadError, RELAYED_BYTES_MAX } from '@servent/transfer'
import { isDirect } from '../introducer.ts'
import { transportOf } from '../network-status.ts'
import { type Reach, UnreachableError } from '../reach.ts'
import type { SourceStatus } from '../types.ts'

interface SourceDialerParts {
  readonly reach: Reach
  /** Bytes of the file: a small one may come through a relay where there is no direct way. */
  readonly size: number
  /** Asks a source to dial us; false when there is no way to ask it. */
  push(peer: PeerId): boolean
  /** Told what is being tried, in words. */
  onStep(step: string): void
}

/** Opens streams to the sources of one file, over whatever connection to each can be made. */
export class SourceDialer implements Dialer {
  readonly #parts: SourceDialerParts
  /** One attempt a source at a time, however many streams wait for it. */
  readonly #connecting = new Map<string, Promise<Connection>>()
  readonly #connected = new Map<string, Connection>()

  constructor(parts: SourceDialerParts) {
    this.#parts = parts
  }

  /** @throws DownloadError `unreachable` with a sentence for a person; the signal's reason */
  async dialProtocol(peer: PeerId, protocol: string, options: AbortOptions = {}): Promise<Stream> {
    const id = peer.toString()
    const connecting = this.#connecting.get(id) ?? this.#connect(peer, options.signal ?? new AbortController().signal)
    this.#connecting.set(id, connecting)
    try {
      const connection = await connecting
      this.#connected.set(id, connection)
      return await connection.newStream(protocol, { ...options, runOnLimitedConnection: !isDirect(connection) })
    } finally {
      this.#connecting.delete(id)
    }
  }

  /** How the connection to a source runs. */
  pathTo(peer: PeerId): Pick<SourceStatus, 'path' | 'transport'> {
    const connection = this.#connected.get(peer.toString())
    if (connection === undefined) return { path: undefined, transport: undefined }
    return { path: isDirect(connection) ? 'direct' : 'relayed', transport: transportOf(connection) }
  }

  async #connect(peer: PeerId, signal: AbortSignal): Promise<Connection> {
    const { reach, push, onStep, size } = this.#parts
    try {
      return await reach.direct(peer, { signal, onStep, push: () => push(peer) })
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      const relayed = size <= RELAYED_BYTES_MAX ? await reach.relayed(peer, { signal, onStep }) : undefined
      if (relayed !== undefined) return relayed
      throw new DownloadError(error.message, { reason: 'unreachable', cause: error })
    }
  }
}
