import type { Libp2pOptions } from 'libp2p'

/** What differs between a tab and a Node process. */
export interface Platform {
  /** Live connections at most, all overlays together. */
  readonly connectionsMax: number
  /** Multiaddrs to listen on when the application names none. */
  readonly listen: readonly string[]
  /** Whether WebRTC can be had here. */
  hasWebRTC(): boolean
  /** The transports besides WebRTC and the relay. */
  transports(): NonNullable<Libp2pOptions['transports']>
}
