import { type FrameCutter, type Framing, ProtocolError } from '@servent/machine'
import { ByteQueue } from '@servent/wire'

/** Bytes before the data of a command: its length and its type, 16 bits each, little endian. */
export const HEADER_BYTES = 4

/** The longest data of a command: OpenNap ends a connection that sends more. */
export const DATA_BYTES_MAX = 2048

/** Napster frames itself: each command begins with the length of its data. */
export const framing: Framing = {
  cutter: () => new CommandCutter(),
  frame: (message) => message,
}

class CommandCutter implements FrameCutter {
  readonly #pending = new ByteQueue()

  push(chunk: Uint8Array): Uint8Array[] {
    this.#pending.push(chunk)
    const frames: Uint8Array[] = []
    while (this.#pending.length >= HEADER_BYTES) {
      const header = this.#pending.peek(2)
      const dataLength = (header[0] as number) | ((header[1] as number) << 8)
      if (dataLength > DATA_BYTES_MAX) throw new ProtocolError('too-large', `${dataLength} bytes`)
      if (this.#pending.length < HEADER_BYTES + dataLength) break
      frames.push(this.#pending.take(HEADER_BYTES + dataLength))
    }
    return frames
  }
}
