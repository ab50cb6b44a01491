/** Thrown when a peer is not dialed, or cannot be reached, for a reason of our own. Counted by it. */
export class DialError extends Error {
  override readonly name = 'DialError'
  readonly reason: DialRefusal

  constructor(reason: DialRefusal, options?: ErrorOptions) {
    super(sentences[reason], options)
    this.reason = reason
  }
}

export type DialRefusal = keyof typeof sentences

const sentences = {
  'backing-off': 'the last dial failed a moment ago',
  'connections-full': 'there are as many connections as allowed, and all are in use',
  'dial-failed': 'no address of the peer answered',
  'dials-full': 'too many dials are waiting',
  'only-relayed': 'the peer is reached through a relay only',
  'rtc-spent': 'this page has made as many WebRTC connections as it may',
  unsupported: 'the peer does not speak this protocol',
} as const

/** Something thrown as an error with a message: WebSockets reject with events. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const kind = thrown instanceof Event ? `${thrown.type} event` : String(thrown)
  return new Error(kind, { cause: thrown })
}

/** Thrown when a request to a structured overlay came to nothing. */
export class OverlayRequestError extends Error {
  override readonly name = 'OverlayRequestError'
  /** In one word: `not-found`, `timeout`, `no-contacts`, or why a record was refused. */
  readonly reason: string

  constructor(reason: string) {
    super(`the overlay answered: ${reason}`)
    this.reason = reason
  }
}

/** Thrown for a key under which no value could prove itself. */
export class UnsupportedKeyError extends Error {
  override readonly name = 'UnsupportedKeyError'

  constructor(
    message = 'a value is kept under its own SHA-256: as multihash, as digest, or the first twenty bytes',
    options?: ErrorOptions
  ) {
    super(message, options)
  }
}
