import { type FrameCutter, type Framing, ProtocolError } from '@servent/machine'
import { ByteQueue } from '@servent/wire'
import { CONNECT_TEXT, HANDSHAKE_BYTES_MAX, HANDSHAKE_START, OK_TEXT } from './codec/handshake.ts'
import { FUNCTION_AT, HEADER_BYTES, LENGTH_AT, payloadBytesMax } from './codec/header.ts'

/**
 * Gnutella frames itself. In either direction of a stream comes text first, each group up to and with an empty line: one of
 * them in 0.4, one or two in 0.6, where whoever asked speaks last. Then come descriptors, each a header of 23 bytes and the
 * payload whose length stands in it.
 */
export const framing: Framing = {
  cutter: () => new DescriptorCutter(),
  frame: (message) => message,
}

/** How texts begin: those of 0.4 are no longer than this, those of 0.6 are longer. */
const REQUEST_START = 'GNUTELLA CONNECT/'
const STATUS_START = 'GNUTELLA/0.'

/** `GNUTELLA/0.6 200`: as long as a descriptor id, so that what follows tells whether it is one. */
const STATUS = /^GNUTELLA\/0\.\d [1-9]\d\d/

/** Groups after the first. Two that dialed each other at once may each answer the other, and then agree. */
const LATER_TEXTS_MAX = 2

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

class DescriptorCutter implements FrameCutter {
  readonly #pending = new ByteQueue()
  /** Whether nothing has been cut yet: then it is text, or wrong. */
  #isFirst = true
  #laterTexts = 0
  /** Where the search for the end of a text goes on. */
  #searchedTo = 0

  push(chunk: Uint8Array): Uint8Array[] {
    this.#pending.push(chunk)
    const frames: Uint8Array[] = []
    for (;;) {
      const frame = this.#isFirst || this.#laterTexts > 0 ? this.#cutOpening() : this.#cutDescriptor()
      if (frame === undefined) return frames
      frames.push(frame)
    }
  }

  /** What may be text: the first frame, and a status line behind a text of 0.6. */
  #cutOpening(): Uint8Array | undefined {
    if (this.#isFirst) {
      const text = this.#cutText()
      if (text === undefined) return undefined
      this.#isFirst = false
      this.#laterTexts = isOld(text) ? 0 : LATER_TEXTS_MAX
      return text
    }
    const isText = this.#isStatus()
    if (isText === undefined) return undefined
    if (isText) {
      const text = this.#cutText()
      if (text !== undefined) this.#laterTexts--
      return text
    }
    this.#laterTexts = 0
    return this.#cutDescriptor()
  }

  /**
   * Whether a status line comes next; undefined while that cannot be told. A descriptor id may read as one, for whoever
   * asks chooses it; but then comes the function, and none of those that are forwarded is a blank or ends a line.
   */
  #isStatus(): boolean | undefined {
    const bytes = this.#pending.peek(Math.min(this.#pending.length, FUNCTION_AT + 1))
    for (let i = 0; i < Math.min(bytes.length, STATUS_START.length); i++) {
      if (bytes[i] !== STATUS_START.charCodeAt(i)) return false
    }
    if (bytes.length <= FUNCTION_AT) return undefined
    const next = bytes[FUNCTION_AT]
    return (next === SPACE || next === CR || next === LF) && STATUS.test(String.fromCharCode(...bytes))
  }

  /**
   * @throws ProtocolError at the first byte that no handshake has, and before more than `HANDSHAKE_BYTES_MAX` are held
   */
  #cutText(): Uint8Array | undefined {
    const held = Math.min(this.#pending.length, HANDSHAKE_BYTES_MAX)
    const bytes = this.#pending.peek(held)
    checkStart(bytes)
    const end = this.#endOfText(bytes)
    if (end !== undefined) {
      this.#searchedTo = 0
      return this.#pending.take(end)
    }
    if (held === HANDSHAKE_BYTES_MAX) throw new ProtocolError('too-large', 'handshake')
    return undefined
  }

  /** Behind the first empty line; undefined if there is none yet. */
  #endOfText(bytes: Uint8Array): number | undefined {
    for (let at = bytes.indexOf(LF, this.#searchedTo); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      this.#searchedTo = at
      if (bytes[at + 1] === LF) return at + 2
      if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3
      if (at + 2 >= bytes.length) return undefined
    }
    return undefined
  }

  /**
   * @throws ProtocolError as soon as a header tells of a payload that is too long
   */
  #cutDescriptor(): Uint8Array | undefined {
    if (this.#pending.length < HEADER_BYTES) return undefined
    let payloadLength = 0
    for (let i = 3; i >= 0; i--) payloadLength = payloadLength * 256 + this.#pending.byteAt(LENGTH_AT + i)
    if (payloadLength > payloadBytesMax(this.#pending.byteAt(FUNCTION_AT))) {
      throw new ProtocolError('too-large', `${payloadLength} bytes`)
    }
    const length = HEADER_BYTES + payloadLength
    return this.#pending.length < length ? undefined : this.#pending.take(length)
  }
}

/** @throws ProtocolError `bad-handshake` if no text begins so */
function checkStart(bytes: Uint8Array): void {
  const fork = bytes[HANDSHAKE_START.length]
  const isStatus = fork === STATUS_START.charCodeAt(HANDSHAKE_START.length)
  const isConnect = bytes[HANDSHAKE_START.length + 1] !== OK_TEXT.charCodeAt(HANDSHAKE_START.length + 1)
  const expected = isStatus ? STATUS_START : isConnect ? REQUEST_START : OK_TEXT
  for (let i = 0; i < Math.min(bytes.length, expected.length); i++) {
    if (bytes[i] !== expected.charCodeAt(i)) throw new ProtocolError('bad-handshake')
  }
}

/** Whether it is a text of 0.4: nothing but descriptors follows. */
function isOld(text: Uint8Array): boolean {
  return text.length === OK_TEXT.length || (text.length === CONNECT_TEXT.length && text[19] === 0x34)
}
