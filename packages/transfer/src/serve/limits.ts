/**
 * Bytes of the largest file that goes through a relay. Ours: half of what a relay here carries for two peers in one connection;
 * the rest is for their handshakes.
 */
export const RELAYED_BYTES_MAX = 65_536

/** What one server gives away at most. */
export interface ServerLimits {
  /** Streams of one peer at once; more are answered 429. */
  readonly streamsPerPeerMax: number
  /** Requests of one peer in a second, over all its streams; more are answered 429. */
  readonly requestsPerSecondMax: number
  /** Peers that are sent content at once; more are answered 503. */
  readonly uploadSlotsMax: number
  /** Bytes per second of all answers together; `Infinity` is no limit. */
  readonly bytesPerSecondMax: number
  /**
   * Milliseconds in which a request must be in, from when the stream is free for it, and in which a client must take
   * something of an answer. Then the stream is reset.
   */
  readonly idleMs: number
}

/** Those that can be changed while a server runs. */
export type UploadLimits = Pick<ServerLimits, 'uploadSlotsMax' | 'bytesPerSecondMax'>

export const defaultServerLimits: ServerLimits = Object.freeze({
  // Ours: a download uses three, and a new one may begin before the last has been closed.
  streamsPerPeerMax: 8,
  // Ours: a download asks once per MiB, and no link here is faster than 400 MiB/s.
  requestsPerSecondMax: 400,
  // Ours: gtk-gnutella's default of upload slots is 5; a tab on a common line feeds three times that before each is too slow.
  uploadSlotsMax: 16,
  // Ours: the transport and the line set the limit, until a person does.
  bytesPerSecondMax: Number.POSITIVE_INFINITY,
  // Ours: as long as a tab in the background may need for its throttled timers, and then some.
  idleMs: 60_000,
})
