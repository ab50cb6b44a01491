import { ProtocolError } from '@servent/machine'

/**
 * A cursor over bytes from a remote. Every read is checked against the end first and throws
 * `ProtocolError('truncated')`: no decoder has to count for itself.
 */
export class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  // By hand: a DataView for each frame would cost more than reading it.

  u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  u16le(): number {
    const at = this.#take(2)
    return this.#byte(at) | (this.#byte(at + 1) << 8)
  }

  u16be(): number {
    const at = this.#take(2)
    return (this.#byte(at) << 8) | this.#byte(at + 1)
  }

  u32le(): number {
    const at = this.#take(4)
    const signed = this.#byte(at) | (this.#byte(at + 1) << 8) | (this.#byte(at + 2) << 16) | (this.#byte(at + 3) << 24)
    return signed >>> 0
  }

  u32be(): number {
    const at = this.#take(4)
    const signed = (this.#byte(at) << 24) | (this.#byte(at + 1) << 16) | (this.#byte(at + 2) << 8) | this.#byte(at + 3)
    return signed >>> 0
  }

  u48be(): number {
    const at = this.#take(6)
    const low = (this.#byte(at + 2) << 24) | (this.#byte(at + 3) << 16) | (this.#byte(at + 4) << 8) | this.#byte(at + 5)
    return ((this.#byte(at) << 8) | this.#byte(at + 1)) * 2 ** 32 + (low >>> 0)
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

  #byte(at: number): number {
    return this.#bytes[at] as number
  }

  #take(count: number): number {
    if (count < 0 || count > this.remaining) throw new ProtocolError('truncated')
    const from = this.#at
    this.#at += count
    return from
  }
}
