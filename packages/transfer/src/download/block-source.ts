import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { DIRECTORY_BYTES_MAX } from '../dag/directory.ts'
import { HTTP_PROTOCOL } from '../http/stream.ts'
import { blockAsk } from './asks.ts'
import { ClientStream } from './client-stream.ts'
import { StatusError } from './failures.ts'
import { type Dialer, defaultDownloadConfig } from './options.ts'

/** Blocks of one peer that are asked for at once. Ours: as many streams as leave room for a download from the same peer. */
const LANES = 4

/** Ours: how often a peer that has too much to do is asked again, and how long after the first time, in milliseconds. */
const RETRIES_MAX = 4
const RETRY_MS = 1_000

interface Lane {
  stream: ClientStream | undefined
  readonly buffer: Uint8Array
}

/** One peer that is asked for single blocks, four at a time. Nothing that it gives is verified here. */
export class BlockSource {
  readonly peer: PeerId
  readonly #dialer: Dialer
  readonly #ended = new AbortController()
  readonly #signal: AbortSignal
  readonly #free: Lane[] = []
  readonly #waiting: ((lane: Lane) => void)[] = []
  readonly #streams = new Set<ClientStream>()
  #laneCount = 0

  /** @param signal - when it fires, what is asked for rejects with its reason */
  constructor(dialer: Dialer, peer: PeerId, signal: AbortSignal) {
    this.#dialer = dialer
    this.peer = peer
    this.#signal = AbortSignal.any([signal, this.#ended.signal])
    this.#signal.addEventListener('abort', () => this.#end())
  }

  /**
   * Asks for a block of at most 1 MiB.
   *
   * @throws Error when the peer cannot be reached, does not have it, or sends something else than an answer; the signal's reason
   */
  async fetch(cid: CID): Promise<Uint8Array> {
    const lane = await this.#lane()
    try {
      for (let tries = 1; ; tries++) {
        this.#signal.throwIfAborted()
        try {
          return await this.#ask(lane, cid)
        } catch (error) {
          this.#signal.throwIfAborted()
          if (!isBusy(error) || tries > RETRIES_MAX) throw error
          await this.#pause(tries * RETRY_MS)
        }
      }
    } finally {
      this.#release(lane)
    }
  }

  /** Asks for nothing more. */
  close(): void {
    this.#ended.abort(new Error('No more blocks are wanted of this peer'))
  }

  #end(): void {
    for (const { stream } of this.#free) if (stream?.isUsable) stream.close()
    // What is under way ends with an error.
    for (const stream of this.#streams) if (stream.isUsable) stream.abort(new Error('No more blocks are wanted'))
  }

  async #ask(lane: Lane, cid: CID): Promise<Uint8Array> {
    if (lane.stream?.isUsable !== true) lane.stream = await this.#open()
    const length = await lane.stream.fetch(blockAsk(cid, lane.buffer))
    return lane.buffer.slice(0, length)
  }

  async #open(): Promise<ClientStream> {
    const { connectMs, stallMs } = defaultDownloadConfig
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(connectMs)])
    const stream = await this.#dialer.dialProtocol(this.peer, HTTP_PROTOCOL, { signal })
    const client = new ClientStream(stream, stallMs)
    this.#streams.add(client)
    stream.addEventListener('close', () => this.#streams.delete(client))
    if (this.#signal.aborted) client.abort(new Error('No more blocks are wanted'))
    return client
  }

  #lane(): Promise<Lane> {
    const free = this.#free.pop()
    if (free !== undefined) return Promise.resolve(free)
    if (this.#laneCount === LANES) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#laneCount++
    return Promise.resolve({ stream: undefined, buffer: new Uint8Array(DIRECTORY_BYTES_MAX) })
  }

  #release(lane: Lane): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(lane)
    else next(lane)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) =>
      AbortSignal.any([this.#signal, AbortSignal.timeout(ms)]).addEventListener('abort', () => resolve())
    )
  }
}

/** Whether the same peer may answer a while later. */
function isBusy(error: unknown): boolean {
  return error instanceof StatusError && (error.status === 429 || error.status === 503)
}
