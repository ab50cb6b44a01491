import { noise } from '@chainsafe/libp2p-noise'
import { type CircuitRelayService, circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PrivateKey, ServiceMap } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { webRTC } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { OverlayComponents } from '@servent/libp2p-host'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { platform } from '#platform'
import type { ServentOptions } from './types.ts'

/** The libp2p services that every servent runs. */
export interface ServentServices extends ServiceMap {
  identify: Identify
  /** A tab's addresses come only with its relay reservation, after identify: without a push nobody learns them. */
  identifyPush: IdentifyPush
  ping: Ping
  /** A bootstrap node relays for everyone; every other servent introduces its neighbors to each other (see `Introducer`). */
  relay: CircuitRelayService
  listeners: Listeners
  /** What services are made of: for those that are loaded later. */
  parts: { readonly components: OverlayComponents & KadDHTComponents }
}

/** What the node listens on: libp2p tells only what it announces. */
export interface Listeners {
  addresses(): Multiaddr[]
}

/** One libp2p node of a servent. */
export type ServentNode = Libp2p<ServentServices>

/** What a relayed connection may carry and how long it may live. */
export interface RelayedLimits {
  readonly data: bigint
  /** Milliseconds. */
  readonly duration: number
}

/** Ours: enough for a noise handshake, SDP and ICE candidates both ways (about 15 KiB), and for nothing else. */
const RELAY_BYTES_MAX = 131_072

/** Ours: a WebRTC dial takes under 2 s, and its time limit in libp2p is 10 s. */
const RELAY_DURATION_MS = 60_000

/** Ours: as many tabs as one bootstrap node may hold connections to. */
const RESERVATIONS_MAX = 1000

/** Milliseconds that an inbound connection may take to prove who it is: mute clients must not keep others out. */
const INBOUND_UPGRADE_MS = 5000

/**
 * What every WebRTC peer takes in one message unless it says otherwise (RFC 8841 §6.1). A message is handed from thread to
 * thread in the browser: with libp2p's 16 KiB a transfer takes an eighth more processor time.
 */
const WEBRTC_MESSAGE_BYTES = 65_536

/** What this servent grants a relayed connection, as a relay or as an introducer. */
export function relayedLimits(options: ServentOptions): RelayedLimits {
  return {
    data: BigInt(options.relay?.bytesMax ?? RELAY_BYTES_MAX),
    duration: options.relay?.durationMs ?? RELAY_DURATION_MS,
  }
}

/** Builds the libp2p node of a servent, not started. */
export async function createNode(options: ServentOptions, privateKey: PrivateKey): Promise<ServentNode> {
  const connectionsMax = options.connectionsMax ?? platform.connectionsMax
  const useWebRTC = options.webrtc !== false && platform.hasWebRTC()
  const limits = relayedLimits(options)
  const init: Libp2pOptions<ServentServices> = {
    start: false,
    privateKey,
    addresses: {
      // Listening on '/p2p-circuit' without naming a relay takes any relay we meet, and takes it again after it was away.
      listen: [
        ...(options.listen ?? platform.listen),
        ...(options.relay ? [] : ['/p2p-circuit', ...(useWebRTC ? ['/webrtc'] : [])]),
      ],
      ...(options.announce ? { announce: [...options.announce] } : {}),
    },
    transports: [
      ...platform.transports(),
      ...(useWebRTC
        ? [
            webRTC({
              rtcConfiguration: { iceServers: iceServers(options) },
              dataChannel: { maxMessageSize: WEBRTC_MESSAGE_BYTES },
            }),
          ]
        : []),
      circuitRelayTransport(),
    ],
    connectionEncrypters: [noise()],
    // A paused yamux stream is reset when its window outgrows the read buffer (4 MiB): keep the window below it.
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20 } })],
    connectionManager: {
      maxConnections: connectionsMax,
      // All tabs behind one NAT, and all on this machine, come from one address: 5 a second would keep them out.
      inboundConnectionThreshold: 1000,
      maxIncomingPendingConnections: 200,
      inboundUpgradeTimeout: INBOUND_UPGRADE_MS,
    },
    // Background tabs answer pings late: a late answer is no reason to cut them off.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    connectionGater: {
      // In a tab, libp2p refuses ws:// and private addresses; which addresses are fit is decided where they are learnt.
      denyDialMultiaddr: () => false,
      denyInboundRelayReservation: () => options.relay === undefined,
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      parts: (components) => ({ components }),
      listeners: ({ transportManager }) => ({
        addresses: () => transportManager.getListeners().flatMap((listener) => listener.getAddrs()),
      }),
      relay: circuitRelayServer({
        maxInboundHopStreams: 64,
        maxOutboundStopStreams: 256,
        reservations: {
          maxReservations: options.relay?.reservationsMax ?? RESERVATIONS_MAX,
          defaultDataLimit: limits.data,
          defaultDurationLimit: limits.duration,
        },
      }),
    },
  }
  return createLibp2p(init)
}

/** Whether this servent can be reached, and reach others, by WebRTC. */
export function hasWebRTC(options: ServentOptions): boolean {
  return options.webrtc !== false && platform.hasWebRTC()
}

function iceServers(options: ServentOptions): RTCIceServer[] {
  const urls = options.iceServers ?? []
  return urls.length === 0 ? [] : [{ urls: [...urls] }]
}
