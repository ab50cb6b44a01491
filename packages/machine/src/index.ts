/**
 * What a protocol is: a {@link Machine} that is handed its time, its randomness and its network by a {@link Host}, with a
 * {@link Codec} for its messages. The same machine runs over libp2p streams and, by the million, in the simulator.
 *
 * @packageDocumentation
 */
export { AssertionError, assert } from './assert.ts'
export { ProtocolError } from './errors.ts'
export { type Host, type Peer, toPeer } from './host.ts'
export type { Machine } from './machine.ts'
export type { Codec, FrameCutter, Framing, PeerCodec, Protocol } from './protocol.ts'
export { pick, type Random, randomInt, sample, shuffle } from './random.ts'
export { SeenCache } from './seen-cache.ts'
