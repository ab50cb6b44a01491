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
      frames.push(this.#pending.take(prefix.end + prefix.value).subarray(prefix.end))
    }
  }
}

/**
 * Chunks of a stream, read as one run of bytes. What lies within one chunk is handed out as a view; only what spans
 * chunks is copied, once.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  /** Bytes of the first chunk that were taken. */
  #at = 0
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

  /** The byte with this index, counted from the first that is held. There must be one. */
  byteAt(index: number): number {
    const first = this.#chunks[0] as Uint8Array
    const at = this.#at + index
    return (at < first.length ? first[at] : this.peek(index + 1)[index]) as number
  }

  /** The first `count` bytes, left where they are. There must be that many. */
  peek(count: number): Uint8Array {
    if (count === 0) return new Uint8Array(0)
    if ((this.#chunks[0] as Uint8Array).length - this.#at < count) this.#join()
    return (this.#chunks[0] as Uint8Array).subarray(this.#at, this.#at + count)
  }

  /** The first `count` bytes, taken away. There must be that many. */
  take(count: number): Uint8Array {
    const taken = this.peek(count)
    if (count === 0) return taken
    this.#at += count
    this.#length -= count
    if (this.#at === (this.#chunks[0] as Uint8Array).length) {
      this.#chunks.shift()
      this.#at = 0
    }
    return taken
  }

  #join(): void {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const chunk of this.#chunks) {
      const left = at === 0 ? chunk.subarray(this.#at) : chunk
      joined.set(left, at)
      at += left.length
    }
    this.#chunks = [joined]
    this.#at = 0
  }
}
