import { ProtocolError } from '@servent/machine'

/**
 * A cursor over bytes from a remote. Every read is checked against the end first and throws
 * `ProtocolError('truncated')`: no decoder has to count for itself.
 */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16le(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u16be(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32le(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  u32be(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** A view of the next `count` bytes, not a copy. */
  bytes(count: number): Uint8Array {
    const from = this.#take(count)
    return this.#bytes.subarray(from, from + count)
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining)
  }

  /** A view of the bytes before the next `terminator`, which is read too. Throws if there is none. */
  until(terminator: number): Uint8Array {
    const end = this.#bytes.indexOf(terminator, this.#at)
    if (end === -1) throw new ProtocolError('unterminated')
    const found = this.#bytes.subarray(this.#at, end)
    this.#at = end + 1
    return found
  }

  #take(count: number): number {
    if (count < 0 || count > this.remaining) throw new ProtocolError('truncated')
    const from = this.#at
    this.#at += count
    return from
  }
}
