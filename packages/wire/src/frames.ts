import { type FrameCutter, type Framing, ProtocolError } from '@servent/machine'
import { readVarint, varintSize, writeVarint } from './varint.ts'

/**
 * Length-prefixed frames: an unsigned varint, then that many bytes, as js-libp2p's `lpStream` and most libp2p protocols.
 *
 * @param frameBytesMax - the longest frame, in bytes without its prefix. A longer one is refused from its length alone.
 */
export function lengthPrefixed(frameBytesMax: number): Framing {
  return {
    cutter: () => new LengthPrefixCutter(frameBytesMax),
    frame(message) {
      const prefix = varintSize(message.length)
      const framed = new Uint8Array(prefix + message.length)
      framed.set(message, writeVarint(message.length, framed, 0))
      return framed
    },
  }
}

class LengthPrefixCutter implements FrameCutter {
  readonly #frameBytesMax: number
  readonly #pending = new ByteQueue()

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  push(chunk: Uint8Array): Uint8Array[] {
    this.#pending.push(chunk)
    const frames: Uint8Array[] = []
    for (;;) {
      const prefix = readVarint(this.#pending.peek(Math.min(this.#pending.length, 4)), 0)
      if (prefix === undefined) return frames
      if (prefix.value > this.#frameBytesMax) throw new ProtocolError('frame-too-long', `${prefix.value} bytes`)
      if (this.#pending.length < prefix.end + prefix.value) return frames
      this.#pending.take(prefix.end)
      frames.push(this.#pending.take(prefix.value))
    }
  }
}

/**
 * Chunks of a stream, read as one run of bytes. What lies within one chunk is handed out as a view; only what spans
 * chunks is copied, once.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  #length = 0

  /** Bytes held. */
  get length(): number {
    return this.#length
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The first `count` bytes, left where they are. There must be that many. */
  peek(count: number): Uint8Array {
    if (count === 0) return new Uint8Array(0)
    const first = this.#chunks[0] as Uint8Array
    if (first.length >= count) return first.subarray(0, count)
    this.#join()
    return (this.#chunks[0] as Uint8Array).subarray(0, count)
  }

  /** The first `count` bytes, taken away. There must be that many. */
  take(count: number): Uint8Array {
    const taken = this.peek(count)
    if (count === 0) return taken
    const rest = (this.#chunks[0] as Uint8Array).subarray(count)
    if (rest.length === 0) this.#chunks.shift()
    else this.#chunks[0] = rest
    this.#length -= count
    return taken
  }

  #join(): void {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, at)
      at += chunk.length
    }
    this.#chunks = [joined]
  }
}
