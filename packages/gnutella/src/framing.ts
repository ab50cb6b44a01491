import { type FrameCutter, type Framing, ProtocolError } from '@servent/machine'
import { ByteQueue } from '@servent/wire'
import { FUNCTION_AT, HEADER_BYTES, LENGTH_AT, payloadBytesMax } from './codec/header.ts'
import { CONNECT_TEXT, OK_TEXT } from './codec.ts'

/**
 * Gnutella frames itself. In either direction of a stream comes text first, up to and with a blank line; then descriptors,
 * each a header of 23 bytes and the payload whose length stands in it.
 */
export const framing: Framing = {
  cutter: () => new DescriptorCutter(),
  frame: (message) => message,
}

class DescriptorCutter implements FrameCutter {
  readonly #pending = new ByteQueue()
  #isText = true

  push(chunk: Uint8Array): Uint8Array[] {
    this.#pending.push(chunk)
    const frames: Uint8Array[] = []
    if (this.#isText) {
      const text = this.#cutText()
      if (text === undefined) return frames
      frames.push(text)
      this.#isText = false
    }
    for (;;) {
      const frame = this.#cutDescriptor()
      if (frame === undefined) return frames
      frames.push(frame)
    }
  }

  /**
   * @throws ProtocolError at the first byte that no handshake of 0.4 has
   */
  #cutText(): Uint8Array | undefined {
    const bytes = this.#pending.peek(Math.min(this.#pending.length, CONNECT_TEXT.length))
    const isConnect = bytes[9] === CONNECT_TEXT.charCodeAt(9)
    const expected = isConnect ? CONNECT_TEXT : OK_TEXT
    for (let i = 0; i < Math.min(bytes.length, expected.length); i++) {
      if (bytes[i] !== expected.charCodeAt(i)) throw new ProtocolError('bad-handshake')
    }
    return bytes.length < expected.length ? undefined : this.#pending.take(expected.length)
  }

  /**
   * @throws ProtocolError as soon as a header tells of a payload that is too long
   */
  #cutDescriptor(): Uint8Array | undefined {
    if (this.#pending.length < HEADER_BYTES) return undefined
    const header = this.#pending.peek(HEADER_BYTES)
    const payloadLength = new DataView(header.buffer, header.byteOffset).getUint32(LENGTH_AT, true)
    if (payloadLength > payloadBytesMax(header[FUNCTION_AT] as number)) {
      throw new ProtocolError('too-large', `${payloadLength} bytes`)
    }
    const length = HEADER_BYTES + payloadLength
    return this.#pending.length < length ? undefined : this.#pending.take(length)
  }
}
