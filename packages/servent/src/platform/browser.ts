import { webSockets } from '@libp2p/websockets'
import type { Platform } from './platform.ts'

/** A tab: it dials WebSockets, and others reach it by WebRTC. */
export const platform: Platform = {
  connectionsMax: 24,
  listen: [],
  hasWebRTC: () => typeof RTCPeerConnection === 'function',
  transports: () => [webSockets()],
}
