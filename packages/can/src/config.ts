import { RECORD_LIMITS, type RecordLimits } from '@servent/records'

/** Everything about a node that can be chosen. Shared by reference: all simulated nodes have one. */
export interface CanConfig {
  /** d of the torus, 1 to 10. The same in the whole network. */
  readonly dimensions: number
  /** Independent coordinate spaces, 1 to 8 (§3.2). The same in the whole network. */
  readonly realities: number
  /** Whether a node asked to split leaves it to a neighbor with a larger zone (§3.7). */
  readonly uniform: boolean
  /** Whether to forward to the neighbor with the best ratio of progress to round-trip time (§3.3). */
  readonly rttWeighted: boolean
  /** Whether to use what neighbors say of theirs: for the last hop, and where no neighbor is nearer. */
  readonly lookahead: boolean

  /** Peers that keep a value, the owner included. */
  readonly replicas: number
  /** What is kept for others. */
  readonly records: Readonly<RecordLimits>
  /** How long a provider record lasts, and how often it is made anew, in milliseconds. */
  readonly provideTtlMs: number
  readonly reprovideIntervalMs: number
  /** Keys that we provide, at the most. */
  readonly providedMax: number
  /** How often an owner looks after its copies while nobody comes or goes, in milliseconds. */
  readonly replicateIntervalMs: number
  /** How long an owner waits for those who are to keep a copy, in milliseconds. */
  readonly storeTimeoutMs: number
  /** For so long after its neighborhood changed an owner asks others for what it does not have, in milliseconds. */
  readonly unsettledMs: number

  /** How long to wait for the receiver of a route to take it, in milliseconds; 0 asks for no acknowledgement. */
  readonly ackTimeoutMs: number
  /** How long to wait for an answer to a ping, in milliseconds, and pings before a neighbor is given up. */
  readonly pingTimeoutMs: number
  readonly pingsMax: number
  /** Milliseconds between two looks at the neighbors; 0 never looks. */
  readonly maintenanceIntervalMs: number
  /** A neighbor that was silent for this long is pinged, in milliseconds. */
  readonly pingIntervalMs: number
  /** Milliseconds between the turns of those who could take a silent node's zone over, the smallest first. */
  readonly takeoverStepMs: number
  /** How long changes are gathered before the neighbors are told, in milliseconds. */
  readonly announceDelayMs: number
  /** How long a zone may take to reach whom it is granted, in milliseconds. */
  readonly grantTimeoutMs: number

  /** How long a join may take before it is tried again, in milliseconds. */
  readonly joinTimeoutMs: number
  /** Links of a route at the most. */
  readonly hopsMax: number
  /** Peers on a route that are written down, and those to be avoided. */
  readonly pathMax: number
  readonly avoidMax: number
  /** Times that a hop tries another neighbor. */
  readonly detoursMax: number
  /** How long a request may take, in milliseconds, and how often it is tried. */
  readonly requestTimeoutMs: number
  readonly attemptsMax: number
  /** Requests of our own under way, and routes of others that wait to be taken. */
  readonly requestsMax: number
  readonly pendingMax: number

  /** Neighbors at the most. */
  readonly contactsMax: number
  /** Zones of one reality at the most: more are refused. */
  readonly claimsMax: number
  /** Peers to join through, and peers that were lost, remembered. */
  readonly knownMax: number
  /** How often to ask one of those whether it is in another torus, in milliseconds. */
  readonly reunionIntervalMs: number
}

const second = 1000
const minute = 60 * second

export const defaults: Readonly<CanConfig> = Object.freeze({
  // Ours: eight to ten neighbors, and ten hops among 10^4 nodes (figure 4).
  dimensions: 4,
  realities: 1,
  // Ours: §3.7 costs nothing but a comparison.
  uniform: true,
  // Ours: off, for the hops of the paper are counted without.
  rttWeighted: false,
  // Ours: neighbors tell of theirs anyway; it saves the last hop, and finds ways around holes.
  lookahead: true,

  // Ours: at 30 % failing at once, 7 in 100,000 values are lost.
  replicas: 8,
  records: RECORD_LIMITS,
  // From libp2p's kad-dht specification: provider records last 48 hours; ours lasts four times its renewal.
  provideTtlMs: 120 * minute,
  reprovideIntervalMs: 30 * minute,
  // Ours: a library of a thousand files.
  providedMax: 1024,
  // Ours: changes are acted on at once; this is for what was lost on the way.
  replicateIntervalMs: 5 * minute,
  storeTimeoutMs: 1 * second,
  // Ours: by then copies have been handed over.
  unsettledMs: 1 * minute,

  // From OverSim's default.ini: 1.5 s for a direct call.
  ackTimeoutMs: 1.5 * second,
  pingTimeoutMs: 1.5 * second,
  // Ours: one lost message is no death.
  pingsMax: 2,
  // Ours: a second is short against all other times.
  maintenanceIntervalMs: 1 * second,
  // Ours: half-lives of a minute are followed at one message a second.
  pingIntervalMs: 10 * second,
  // Ours: longer than a takeover takes to be heard of.
  takeoverStepMs: 2 * second,
  // Ours: a join changes several zones at once.
  announceDelayMs: 50,
  // Ours: a dial over WebRTC may take so long.
  grantTimeoutMs: 10 * second,

  // Ours: several timeouts on the way.
  joinTimeoutMs: 5 * second,
  // Ours: twice the way across 10^6 nodes in four dimensions.
  hopsMax: 64,
  // Ours: enough to draw a route and to keep it from turning back.
  pathMax: 64,
  avoidMax: 16,
  // Ours: as many neighbors as are likely to be dead at a time.
  detoursMax: 8,
  // Ours: as long as somebody waits.
  requestTimeoutMs: 10 * second,
  attemptsMax: 3,
  // Ours: bounds that are met under attack only.
  requestsMax: 1024,
  pendingMax: 1024,

  // Ours: ten dimensions have thirty neighbors on average.
  contactsMax: 128,
  // Ours: after half of all nodes failed at once a node has two or three.
  claimsMax: 64,
  knownMax: 16,
  // Ours: rare enough for a thousand lost peers, often enough for a person.
  reunionIntervalMs: 30 * second,
})

/** The same node with nothing that goes on by itself: for counting hops in a torus that stands still. */
export const stillConfig: Readonly<CanConfig> = Object.freeze({
  ...defaults,
  // Ours: the paper's plain CAN, in which a node knows its neighbors and nobody else.
  uniform: false,
  lookahead: false,
  ackTimeoutMs: 0,
  maintenanceIntervalMs: 0,
  // Ours: two dimensions and 2^18 nodes have ways of six hundred hops.
  hopsMax: 4096,
  pathMax: 4096,
  requestTimeoutMs: 10 * minute,
})
