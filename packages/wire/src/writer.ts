/**
 * Fills a buffer of a length known beforehand: a codec asks its `size` first, so nothing grows and nothing is copied.
 * Writing past the end is a bug of the codec and throws `RangeError`.
 */
export class Writer {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(length: number) {
    this.#bytes = new Uint8Array(length)
    this.#view = new DataView(this.#bytes.buffer)
  }

  u8(value: number): this {
    this.#view.setUint8(this.#skip(1), value)
    return this
  }

  u16le(value: number): this {
    this.#view.setUint16(this.#skip(2), value, true)
    return this
  }

  u16be(value: number): this {
    this.#view.setUint16(this.#skip(2), value)
    return this
  }

  u32le(value: number): this {
    this.#view.setUint32(this.#skip(4), value, true)
    return this
  }

  u32be(value: number): this {
    this.#view.setUint32(this.#skip(4), value)
    return this
  }

  u48be(value: number): this {
    return this.u16be(Math.floor(value / 2 ** 32)).u32be(value % 2 ** 32)
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#skip(bytes.length))
    return this
  }

  /** The filled buffer. Throws `RangeError` if bytes are missing: then `size` and `encode` disagree. */
  finish(): Uint8Array {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#at} bytes written of ${this.#bytes.length}`)
    return this.#bytes
  }

  #skip(count: number): number {
    const from = this.#at
    this.#at += count
    return from
  }
}
