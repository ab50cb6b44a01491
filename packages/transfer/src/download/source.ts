import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { CHUNK_BYTES } from '../dag/shape.ts'
import { formatContentRange } from '../http/range.ts'
import { formatRequest } from '../http/request.ts'
import { HTTP_PROTOCOL } from '../http/stream.ts'
import { RAW_TYPE } from '../serve/route.ts'
import { ClientStream } from './client-stream.ts'
import type { Dialer, DownloadConfig } from './options.ts'

/** Bytes of a block above the leaves at most: 1 024 links of some 50 bytes and 1 024 sizes of at most 8 are under 64 KiB. */
const BLOCK_BYTES_MAX = 65_536

/** One peer that is said to have the file. */
export class Source {
  readonly peer: PeerId
  readonly #dialer: Dialer
  readonly #config: DownloadConfig
  readonly #streams = new Set<ClientStream>()
  /** Verified bytes that it gave. */
  bytes = 0
  /** Why it is asked no more. */
  banned: Error | undefined

  constructor(peer: PeerId, dialer: Dialer, config: DownloadConfig) {
    this.peer = peer
    this.#dialer = dialer
    this.#config = config
  }

  /** Opens a stream to it. */
  async open(signal: AbortSignal): Promise<ClientStream> {
    const timeout = AbortSignal.timeout(this.#config.connectMs)
    const stream = await this.#dialer.dialProtocol(this.peer, HTTP_PROTOCOL, {
      signal: AbortSignal.any([signal, timeout]),
    })
    const client = new ClientStream(stream, this.#config.stallMs)
    this.#streams.add(client)
    stream.addEventListener('close', () => this.#streams.delete(client))
    if (this.banned !== undefined || signal.aborted) client.abort(this.banned ?? new Error('The download has ended'))
    return client
  }

  /** Asks it for nothing more, and cuts what is under way. */
  ban(error: Error): void {
    this.banned ??= error
    this.abort(error)
  }

  /** Cuts what is under way. */
  abort(error: Error): void {
    for (const stream of this.#streams) stream.abort(error)
  }
}

/** Asks for one block above the leaves. It is not verified yet. */
export async function fetchBlock(stream: ClientStream, cid: CID): Promise<Uint8Array> {
  const into = new Uint8Array(BLOCK_BYTES_MAX)
  const head = formatRequest(`/ipfs/${cid.toV1()}`, [...COMMON_FIELDS, ['Accept', RAW_TYPE]])
  const length = await stream.fetch({ head, status: 200, contentRange: undefined, length: undefined, into })
  return into.subarray(0, length)
}

/** Asks for one chunk of a file. It is not verified yet. */
export async function fetchChunk(
  stream: ClientStream,
  cid: CID,
  size: number,
  index: number,
  buffer: Uint8Array
): Promise<Uint8Array> {
  const start = index * CHUNK_BYTES
  const end = Math.min(size, start + CHUNK_BYTES)
  const head = formatRequest(`/ipfs/${cid.toV1()}`, [...COMMON_FIELDS, ['Range', `bytes=${start}-${end - 1}`]])
  const contentRange = formatContentRange({ start, end }, size)
  const into = buffer.subarray(0, end - start)
  await stream.fetch({ head, status: 206, contentRange, length: into.length, into })
  return into
}

/** The host is the peer at the other end of the stream, which needs no name. */
const COMMON_FIELDS: readonly (readonly [string, string])[] = [['Host', 'libp2p']]
