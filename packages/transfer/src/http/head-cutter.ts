import { HEAD_BYTES_MAX, HeadError } from './fields.ts'

const CR = 0x0d
const LF = 0x0a

/** Bytes of the blank line that ends a head, with the end of the line before it. */
const END_BYTES = 4

/** Cuts a head out of bytes that come in pieces. Its memory is the longest head, taken once. */
export class HeadCutter {
  readonly #bytes = new Uint8Array(HEAD_BYTES_MAX)
  readonly #beginning: string
  #length = 0
  /** How many bytes of CR LF CR LF the last bytes were. */
  #matched = 0

  /** @param beginning what each head begins with: other bytes are refused at once, not when a head's worth has come */
  constructor(beginning = '') {
    this.#beginning = beginning
  }

  /** Whether some but not all of a head is here. */
  get isPartial(): boolean {
    return this.#length > 0 && this.#matched < END_BYTES
  }

  /** Whether a head is here in full, to be taken with `take`. */
  get isComplete(): boolean {
    return this.#matched === END_BYTES
  }

  /** Reads up to the end of the head. Returns how many bytes belonged to it; those after it are the caller's. Throws `HeadError`. */
  push(bytes: Uint8Array): number {
    if (bytes.length > 0 && this.#length < this.#beginning.length) this.#checkBeginning(bytes)
    for (let at = 0; at < bytes.length; at++) {
      if (this.isComplete) return at
      if (this.#length === HEAD_BYTES_MAX) throw new HeadError('too-long', 'The head is too long')
      const byte = bytes[at] ?? 0
      this.#bytes[this.#length++] = byte
      this.#match(byte)
    }
    return bytes.length
  }

  /** The head without its blank line, and room for the next. */
  take(): Uint8Array {
    const head = this.#bytes.slice(0, this.#length - END_BYTES)
    this.#length = 0
    this.#matched = 0
    return head
  }

  #checkBeginning(bytes: Uint8Array): void {
    const count = Math.min(bytes.length, this.#beginning.length - this.#length)
    for (let at = 0; at < count; at++) {
      if (bytes[at] !== this.#beginning.charCodeAt(this.#length + at))
        throw new HeadError('malformed', 'This is not HTTP')
    }
  }

  #match(byte: number): void {
    const expected = this.#matched % 2 === 0 ? CR : LF
    if (byte === expected) this.#matched++
    else this.#matched = byte === CR ? 1 : 0
  }
}
