/** What one Bitswap server takes and keeps at most. */
export interface BitswapLimits {
  /** Peers whose wants are kept at once. */
  readonly peersMax: number
  /** Wants kept of one peer; of more it is told, if it asks, that they are not here. */
  readonly wantsPerPeerMax: number
  /** Streams of one peer on which it may ask. */
  readonly streamsPerPeerMax: number
  /** Bytes of all messages together that have begun to come and are not all here. */
  readonly inboundBytesMax: number
  /** Milliseconds in which a message that has begun must be in, and in which a peer must take something of an answer. */
  readonly idleMs: number
  /** Milliseconds without a block to send after which a peer's upload slot is another's. */
  readonly lingerMs: number
}

export const defaultBitswapLimits: BitswapLimits = Object.freeze({
  // Ours: a peer has fewer connections than this.
  peersMax: 1024,
  // From boxo, what Kubo is made of (bitswap/server/internal/decision/engine.go): 1,024.
  wantsPerPeerMax: 1024,
  // Ours: Helia opens one for each message, Kubo one for all.
  streamsPerPeerMax: 32,
  // Ours: four messages of the greatest length.
  inboundBytesMax: 16_777_216,
  // Ours: as for HTTP, what a tab in the background may need for its throttled timers.
  idleMs: 60_000,
  // Ours: a reader of one block after another asks for the next within a round trip.
  lingerMs: 10_000,
})
