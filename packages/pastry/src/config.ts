import type { Peer } from '@servent/machine'
import { RECORD_LIMITS, type RecordLimits } from '@servent/records'

/** Everything about a Pastry node that can be chosen. Shared by reference: a million simulated ones have one. */
export interface PastryConfig {
  /** |L|: members of the leaf set, even. */
  readonly leafSetSize: number
  /** |M|: members of the neighborhood set. */
  readonly neighborhoodSize: number
  /** k: nodes that keep a record, at most |L|/2 + 1. */
  readonly replicas: number

  /** Nodes on the way of a message, at the most. */
  readonly hopsMax: number
  /** Messages of others that we have passed on and whose answer we wait for, at the most, and for how many milliseconds. */
  readonly routesMax: number
  readonly routeAgeMs: number
  /** Milliseconds for a next hop to say that it has a message; the least, for one whose round trip was measured. */
  readonly hopTimeoutMs: number
  readonly hopTimeoutMinMs: number
  /** Whether of two next hops that are as good the one is taken that a link is open to. */
  readonly prefersLinked: boolean

  /** Milliseconds after which a request of ours is sent again, how often in all, and how many requests there are at once. */
  readonly requestTimeoutMs: number
  readonly requestAttemptsMax: number
  readonly requestsMax: number

  /** Milliseconds for a join, after which it is tried through another contact; so often before we are a ring of our own. */
  readonly joinTimeoutMs: number
  readonly joinAttemptsMax: number
  /** Milliseconds from the first state to the second stage, in which all nodes in the tables are asked for theirs. */
  readonly secondStageDelayMs: number
  /** Whether there is a second stage. */
  readonly hasSecondStage: boolean
  /** Peers kept to join through, or to meet another part of the overlay by. */
  readonly contactsMax: number

  /** Milliseconds between two exchanges of leaf sets with those next to us; 0 for none. */
  readonly leafSetIntervalMs: number
  /** Links that are kept to the nearest on either side; others end after so many idle milliseconds, never for 0. */
  readonly linksKept: number
  readonly linkIdleMs: number
  /** Milliseconds between two looks at a row of another's routing table; 0 for none. */
  readonly tableIntervalMs: number
  /** Milliseconds between two attempts to meet another part of the overlay; 0 for none. */
  readonly meetIntervalMs: number
  /** Whether tables are repaired when a node in them turns out to be gone. */
  readonly repairs: boolean

  /** Milliseconds for an answer that shows that a peer is there, how often it is asked, and how many at once. */
  readonly probeTimeoutMs: number
  readonly probeAttemptsMax: number
  readonly probesMax: number
  /** Milliseconds that nobody's word brings back a peer which did not answer, and how many such are remembered. */
  readonly goneMs: number
  readonly goneMax: number
  /** Round-trip times that are remembered. */
  readonly distancesMax: number
  /** How far a peer is, where the world knows; undefined if round trips are to be measured. */
  readonly proximity: ((self: Peer, peer: Peer) => number) | undefined

  /** What is kept for others. */
  readonly limits: RecordLimits
  /** Milliseconds for receipts and for what other replicas have. */
  readonly receiptTimeoutMs: number
  /** Stores and fetches under way at once. */
  readonly roundsMax: number
  /** Values kept from answers that came by, and for how many milliseconds. */
  readonly cacheMax: number
  readonly cacheMs: number
  /** Milliseconds from a change of the leaf set to the copies that follow from it. */
  readonly replicateDelayMs: number
  /** Milliseconds after which what we put, provide or are responsible for is stored again; 0 for never. */
  readonly republishIntervalMs: number
  /** Values and provider records of our own, at the most each. */
  readonly publishedMax: number
  /** Milliseconds that we are said to provide something, unless it is said again. */
  readonly provideTtlMs: number
}

const second = 1000
const minute = 60 * second

/** For a live network of tabs and Node processes. */
export const defaults: Readonly<PastryConfig> = Object.freeze({
  // From the paper (§2.1, §3.1): |L| = 2^b.
  leafSetSize: 16,
  // From the paper (§3.1): |M| = 32.
  neighborhoodSize: 32,
  // Ours: of eight nodes three in ten may fail at once and one key in 15,000 is lost. PAST (§2.1) allows |L|/2 + 1.
  replicas: 8,

  // Ours: five times the hops among a million nodes.
  hopsMax: 32,
  // Ours: what a busy node passes on in half a minute.
  routesMax: 1024,
  routeAgeMs: 30 * second,
  // From MSPastry (Castro, Costa, Rowstron 2003): three seconds, as long as a dial may take.
  hopTimeoutMs: 3 * second,
  // Ours: a tab that works hard answers late.
  hopTimeoutMinMs: 500,
  // Ours: a dial costs more than a hop.
  prefersLinked: true,

  // Ours: four hops that time out and a fifth that does not.
  requestTimeoutMs: 15 * second,
  requestAttemptsMax: 4,
  // Ours: more than a page asks for.
  requestsMax: 1024,

  // Ours: a dial and five hops.
  joinTimeoutMs: 10 * second,
  joinAttemptsMax: 3,
  // From OverSim's Pastry (default.ini): the second stage begins after two seconds; ours: one.
  secondStageDelayMs: second,
  // From the paper (§2.4).
  hasSecondStage: true,
  // Ours: some will be there.
  contactsMax: 16,

  // Ours: MSPastry's 30 s are for sessions of hours, those of tabs last minutes.
  leafSetIntervalMs: 10 * second,
  tableIntervalMs: minute,
  // Ours: a tab has 24 connections for all its overlays, and 500 in its life.
  linksKept: 2,
  linkIdleMs: 30 * second,
  // Ours: parts of a network find each other within minutes.
  meetIntervalMs: minute,
  // From the paper (§2.4).
  repairs: true,

  // From MSPastry: three seconds; ours: asked twice.
  probeTimeoutMs: 3 * second,
  probeAttemptsMax: 2,
  // Ours: more than a leaf set and a half.
  probesMax: 64,
  // Ours: until all who knew the peer have found out too.
  goneMs: minute,
  goneMax: 256,
  // Ours: several times the tables.
  distancesMax: 512,
  // Ours: measured, as the paper's §2.5 supposes.
  proximity: undefined,

  // Ours: see the records package.
  limits: RECORD_LIMITS,
  // Ours: a dial, and an answer.
  receiptTimeoutMs: 5 * second,
  // Ours: what a busy node stores in five seconds.
  roundsMax: 1024,
  // Ours: a hundred values are under a megabyte.
  cacheMax: 128,
  cacheMs: 5 * minute,
  // Ours: changes come in groups, and a copy costs more than a little patience.
  replicateDelayMs: 2 * second,
  // Ours: a node that came since then and was missed gets its copy.
  republishIntervalMs: 10 * minute,
  publishedMax: 1024,
  // From libp2p's kad-dht specification: 48 h; ours: an hour, for a tab that is closed provides nothing.
  provideTtlMs: 60 * minute,
})
