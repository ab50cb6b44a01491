/** What one runner allows its peers and itself. Every value is on unless a caller changes it. */
export interface Limits {
  /** Frames a second that a peer may send us for long. More are dropped. */
  readonly framesPerSecond: number
  /** Frames that a peer may send at once after a pause. */
  readonly framesBurst: number
  /** Bytes a second, in whole frames. */
  readonly bytesPerSecond: number
  /** Bytes at once after a pause. No less than the longest frame, or that frame never passes. */
  readonly bytesBurst: number
  /** How many times over its rate makes a peer a flooder … */
  readonly floodFactor: number
  /** … when it lasts for this many seconds in a row. */
  readonly floodSeconds: number
  /** Streams a second that a peer may open to us. */
  readonly streamsPerSecond: number
  /** Streams that a peer may open at once after a pause. */
  readonly streamsBurst: number
  /** Streams of one connection that libp2p lets in at the same time, those still closing included. */
  readonly inboundStreamsMax: number
  /** Peers at once, those being dialed included. */
  readonly linksMax: number
  /** Bytes waiting for one peer, the stream's own buffer included. */
  readonly outboxBytesMax: number
  /** How long a peer may take nothing of what waits for it, in milliseconds. */
  readonly outboxStuckMs: number
  /** How long one frame may take to arrive, in milliseconds. */
  readonly frameTimeoutMs: number
  /** How long opening a stream may take, dial included, in milliseconds. */
  readonly openTimeoutMs: number
  /** How long a link may carry nothing either way before it is ended, in milliseconds; 0: for ever. */
  readonly linkIdleMs: number
  /** How long a stream may take to close before it is reset, in milliseconds. */
  readonly closeTimeoutMs: number
}

export const defaultLimits: Limits = Object.freeze({
  // Ours: ten times what a servent of degree 4 receives in a busy flooding network.
  framesPerSecond: 200,
  // Ours: a joining peer asks many questions at once.
  framesBurst: 400,
  // Ours: control traffic only, files travel by another protocol.
  bytesPerSecond: 1 << 20,
  bytesBurst: 4 << 20,
  // Ours: excess is dropped, but who triples it for ten seconds is not merely busy.
  floodFactor: 3,
  floodSeconds: 10,
  // Ours: an honest peer needs one stream.
  streamsPerSecond: 1,
  streamsBurst: 8,
  inboundStreamsMax: 4,
  // Ours: an ultrapeer of Gnutella holds some thirty neighbors and as many leaves.
  linksMax: 128,
  outboxBytesMax: 256 << 10,
  // Ours: gtk-gnutella waits 180 s, but a tab has only a few neighbors to lose.
  outboxStuckMs: 30_000,
  // Ours: 64 KiB in 30 s is two kilobytes a second, below any link worth having.
  frameTimeoutMs: 30_000,
  // Ours: a WebRTC dial may need three attempts of six seconds.
  openTimeoutMs: 20_000,
  // A neighbor of an unstructured overlay is one also while nobody asks anything.
  linkIdleMs: 0,
  closeTimeoutMs: 2_000,
})
