const SPACE = 0x20
const QUOTE = 0x22

/**
 * Reads the data of a command: fields with one space between them, texts with blanks in quotes, which nothing can escape.
 * A field that is missing or wrong is remembered in `isBad`: whoever reads looks at it once, at the end.
 */
export class Fields {
  readonly #text: string
  #at = 0
  #isBad = false

  constructor(text: string) {
    this.#text = text
  }

  /** Whether anything that was read is not what it should be. */
  get isBad(): boolean {
    return this.#isBad
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** Whether a text in quotes is next. */
  get isQuoteNext(): boolean {
    return this.#text.charCodeAt(this.#at) === QUOTE
  }

  /** A field, in quotes or up to the next space. No quote is in it. */
  text(): string {
    return this.isQuoteNext ? this.#quoted() : this.#unquoted(this.word())
  }

  /** A field up to the next space, not empty. */
  word(): string {
    const space = this.#text.indexOf(' ', this.#at)
    const end = space === -1 ? this.#text.length : space
    const word = this.#text.slice(this.#at, end)
    if (word === '') this.#isBad = true
    this.#at = end + 1
    return word
  }

  /** A whole number from 0 to `max`, in quotes or not. */
  integer(max: number): number {
    const text = this.text()
    const value = /^\d{1,16}$/.test(text) ? Number(text) : -1
    if (value >= 0 && value <= max) return value
    this.#isBad = true
    return 0
  }

  /** All that is left, in quotes or not. No quote is in it. */
  lastText(): string {
    return this.isQuoteNext ? this.#quoted() : this.#unquoted(this.rest())
  }

  /** All that is left. */
  rest(): string {
    const rest = this.#text.slice(this.#at)
    this.#at = this.#text.length
    return rest
  }

  /** Says that what was read is wrong. */
  refuse(): undefined {
    this.#isBad = true
    return undefined
  }

  #unquoted(text: string): string {
    if (text.includes('"')) this.#isBad = true
    return text
  }

  #quoted(): string {
    const end = this.#text.indexOf('"', this.#at + 1)
    const after = this.#text.charCodeAt(end + 1)
    if (end === -1 || (end + 1 < this.#text.length && after !== SPACE)) {
      this.#isBad = true
      this.#at = this.#text.length
      return ''
    }
    const quoted = this.#text.slice(this.#at + 1, end)
    this.#at = end + 2
    return quoted
  }
}

/** A text in quotes. A quote within cannot be escaped, so it becomes an apostrophe. */
export function quoted(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', "'") : text}"`
}
