/** How much a peer keeps for others, and what of. */
export interface RecordLimits {
  /** Bytes of one value. */
  readonly valueBytesMax: number
  /** Milliseconds that a record may want to be kept. */
  readonly ttlMsMax: number
  /** Providers under one key. */
  readonly providersPerKeyMax: number
  /** Records, and bytes of them, that one peer may have stored. */
  readonly recordsPerPeerMax: number
  readonly bytesPerPeerMax: number
  /** Records, and bytes of them, in all. */
  readonly recordsMax: number
  readonly bytesMax: number
}

/** Bytes that the name of a signed value may take. */
export const NAME_BYTES_MAX = 64

const hour = 3_600_000
const mebibyte = 2 ** 20

/** For a tab as for a Node process. */
export const RECORD_LIMITS: Readonly<RecordLimits> = Object.freeze({
  // Ours: eight KiB hold a signed directory or an IPNS record; files have their own way.
  valueBytesMax: 8192,
  // From libp2p's kad-dht specification: records are kept for 48 hours at the most.
  ttlMsMax: 48 * hour,
  // Ours: more than are ever asked for a file; an answer has to fit into a message.
  providersPerKeyMax: 32,
  // Ours: an eighth of all, so that it takes eight to fill a store.
  recordsPerPeerMax: 1024,
  bytesPerPeerMax: 2 * mebibyte,
  // Ours: what a tab can spare.
  recordsMax: 8192,
  bytesMax: 16 * mebibyte,
})
