import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { Platform } from './platform.ts'

/** A Node process: it listens too, on a free port, so that tabs on the same machine reach it without a relay. */
export const platform: Platform = {
  connectionsMax: 200,
  listen: ['/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/tcp/0'],
  // node-datachannel comes as a binary inside its npm package.
  hasWebRTC: () => true,
  transports: () => [webSockets(), tcp()],
}
