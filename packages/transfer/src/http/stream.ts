import { type Stream, StreamStateError } from '@libp2p/interface'

/** The libp2p protocol of HTTP/1.1 over a stream (libp2p specification `http`). */
export const HTTP_PROTOCOL = '/http/1.1'

/** The stream ended, at either end, before what was to be sent or read was. */
export class StreamEndedError extends Error {
  override readonly name = 'StreamEndedError'

  constructor(cause?: Error) {
    super('The stream ended early', cause === undefined ? undefined : { cause })
  }
}

/** Whether an error says no more than that the remote has gone. */
export function isLoss(error: unknown): error is Error {
  if (error instanceof StreamEndedError || error instanceof StreamStateError) return true
  return error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')
}

/**
 * Sends bytes and waits until the transport wants more. In a loop, for one `drain` may leave the stream full, and
 * `stream.onDrain()` waits once in the life of a stream only.
 *
 * @param onDrain called each time the remote has taken something
 */
export async function sendAll(stream: Stream, bytes: Uint8Array, onDrain: () => void): Promise<void> {
  if (stream.writeStatus !== 'writable') throw new StreamEndedError()
  stream.send(bytes)
  while (stream.writableNeedsDrain) {
    await drained(stream)
    onDrain()
  }
}

function drained(stream: Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.writeStatus === 'closed') return reject(new StreamEndedError())
    const onDrain = () => {
      stream.removeEventListener('close', onClose)
      resolve()
    }
    const onClose = (event: { error?: Error }) => {
      stream.removeEventListener('drain', onDrain)
      reject(new StreamEndedError(event.error))
    }
    stream.addEventListener('drain', onDrain, { once: true })
    stream.addEventListener('close', onClose, { once: true })
  })
}

/** Ends our side, and resets the stream if that takes too long. Not to be waited for: over WebRTC it takes a round trip. */
export function endStream(stream: Stream, withinMs: number): void {
  stream
    .close({ signal: AbortSignal.timeout(withinMs) })
    .catch((error: unknown) => stream.abort(error instanceof Error ? error : new StreamEndedError()))
}

/** What is told of a stream's reading side. */
export interface StreamReader {
  /** Bytes came, in the order sent. A view that is valid during the call. */
  onBytes(bytes: Uint8Array): void
  /** No more bytes will come. `wasClosed` says that the remote ended its side in order; otherwise the stream was lost. */
  onEnd(wasClosed: boolean, error?: Error): void
}

/**
 * Pushes a stream's bytes into a reader without queueing them, and tells its end once. Works when the remote has ended
 * its side before this is called, which the stream's own iterator does not.
 */
export function readStream(stream: Stream, reader: StreamReader): void {
  let hasEnded = false
  const end = (wasClosed: boolean, error?: Error) => {
    if (hasEnded) return
    hasEnded = true
    reader.onEnd(wasClosed, error)
  }
  stream.addEventListener('message', ({ data }) => {
    if (data instanceof Uint8Array) reader.onBytes(data)
    else for (const piece of data) reader.onBytes(piece)
  })
  stream.addEventListener('close', (event) => end(false, event.error))
  // A transport that goes down ends the readable side first and says "close" right after it: look again a moment later.
  const onReadableEnd = () => queueMicrotask(() => end(stream.status === 'open' || stream.status === 'closing'))
  stream.addEventListener('end', onReadableEnd)
  if (stream.readableEnded) onReadableEnd()
}
