import type { Host, Peer } from './host.ts'
import type { Machine } from './machine.ts'

/**
 * Writes a peer so that whoever reads it can reach it: PeerId and multiaddrs over libp2p, four bytes in the simulator.
 * Each host brings its own, which is how a message can name a third peer without its protocol knowing what a peer is.
 */
export interface PeerCodec {
  encode(peer: Peer): Uint8Array
  /** @throws ProtocolError if the bytes name no peer */
  decode(bytes: Uint8Array): Peer
  /** The length that `encode` would give, in bytes. */
  size(peer: Peer): number
}

/** Messages to bytes and back: the only code of a protocol that a remote can make throw. */
export interface Codec<Message> {
  encode(message: Message, peers: PeerCodec): Uint8Array
  /** @throws ProtocolError, and nothing else, for bytes that are no message */
  decode(bytes: Uint8Array, peers: PeerCodec): Message
  /** The length that `encode` would give, in bytes, without encoding: what the simulator charges for a message. */
  size(message: Message, peers: PeerCodec): number
}

/** Cuts the bytes of one stream into frames. Holds at most one unfinished frame. */
export interface FrameCutter {
  /**
   * The frames that `chunk` completes, in order, each without what the framing put around it.
   *
   * @throws ProtocolError as soon as a frame is known to be longer than allowed: before it is buffered
   */
  push(chunk: Uint8Array): Uint8Array[]
}

/** How a byte stream is cut into messages. */
export interface Framing {
  /** A new cutter for one direction of one stream. */
  cutter(): FrameCutter
  /** An encoded message as it goes onto the stream. */
  frame(message: Uint8Array): Uint8Array
}

/** A protocol: everything a world needs to run it. One frozen value per package. */
export interface Protocol<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>> {
  /** Also the libp2p protocol id: `/servent/gnutella/1.0.0`. */
  readonly id: string
  readonly framing: Framing
  readonly codec: Codec<Message>
  /** Every value with its source: paper section, specification paragraph, or "Ours: why". */
  readonly defaults: Readonly<Config>
  /** A machine that has done nothing yet: no effect before `start`. */
  create(host: Host<Message, Event>, config: Readonly<Config>): M
}
