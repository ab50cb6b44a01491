/** What one gateway gives away at most. */
export interface GatewayLimits {
  /** Answers with content at once; more are answered 503. */
  readonly uploadSlotsMax: number
  /** Requests of one address at once; more are answered 429. */
  readonly requestsPerAddressMax: number
  /** Requests of one address in a second; more are answered 429. */
  readonly requestsPerSecondMax: number
  /** Milliseconds in which a client must take something of an answer. Then its connection is cut. */
  readonly idleMs: number
  /** Milliseconds in which the head of a request must be in, and a connection may wait for the next. */
  readonly headMs: number
  /** Connections at once. */
  readonly connectionsMax: number
}

export const defaultGatewayLimits: GatewayLimits = Object.freeze({
  // Ours: each holds 1 MiB of a file at most.
  uploadSlotsMax: 32,
  // Ours: a browser opens six connections; several people may share an address.
  requestsPerAddressMax: 16,
  // Ours: as over libp2p; a reader asks once for each block of up to 1 MiB.
  requestsPerSecondMax: 400,
  // Ours: as over libp2p.
  idleMs: 60_000,
  // Ours: a head comes in one packet.
  headMs: 10_000,
  connectionsMax: 512,
})
