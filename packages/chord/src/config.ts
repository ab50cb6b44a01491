import { RECORD_LIMITS, type RecordLimits } from '@servent/records'

/** Everything about a node that can be chosen. Shared by reference: a million simulated ones have one. */
export interface ChordConfig {
  /** Entries of the successor list, the papers' r: 1 to 64. */
  readonly successorsMax: number
  /** Nodes that keep a record: the responsible one and its next successors. 1 to `successorsMax`. */
  readonly replicas: number

  /** Whether a request is handed on from node to node, or its asker goes from node to node itself. */
  readonly routing: 'recursive' | 'iterative'
  /** Nodes that a request may go through. */
  readonly hopsMax: number
  /** Next steps that an answer of an iterative lookup names, of each kind. */
  readonly nextHopsMax: number
  /** Nodes that are tried, one after the other, where one does not answer. */
  readonly reroutesMax: number

  /** Milliseconds between two rounds of stabilize, on average: each is drawn from half of it to one and a half; 0: never. */
  readonly stabilizeIntervalMs: number
  /** Milliseconds between two fingers that are looked up anew, on average, as above; 0: never. */
  readonly fixFingersIntervalMs: number
  /** Milliseconds between two looks for another ring, as above; 0: never. */
  readonly mergeIntervalMs: number
  /** Peers that did not answer any more and are asked now and then whether they are in another ring. */
  readonly lostMax: number

  /** Milliseconds to wait for an answer: the mean of those before and four times their deviation, within these. */
  readonly timeoutMsMin: number
  readonly timeoutMsMax: number
  /** Unanswered questions after which a successor or predecessor is taken for dead. */
  readonly probesMax: number
  /** Milliseconds that requests go round a node that did not answer; 0: it is asked again the next time. */
  readonly suspicionMs: number
  /** Questions under way, and requests of others whose answers are waited for, at the most. */
  readonly callsMax: number
  readonly relayedMax: number
  /** Milliseconds until a node says that it has sent a request on, if no answer has come by then; 0: at once. */
  readonly ackDelayMs: number
  /** Milliseconds that the way back of a request is remembered, at least. */
  readonly relayedMs: number

  /** Own requests under way, at the most. */
  readonly requestsMax: number
  /** Milliseconds until a request is sent again, and how often it is sent. The second and later times it goes iteratively. */
  readonly requestTimeoutMs: number
  readonly attemptsMax: number
  /** Milliseconds until joining is tried again, by another contact. */
  readonly joinTimeoutMs: number
  /** Contacts that are remembered, at the most. */
  readonly contactsMax: number

  /** What is kept for others. */
  readonly records: Readonly<RecordLimits>
  /** Nodes behind the responsible one that are asked for a value which it does not have. */
  readonly missesMax: number
  /** Providers in one answer. */
  readonly providersMax: number
  /** Milliseconds between two offers of all that we are responsible for to those who keep copies; 0: never. */
  readonly repairIntervalMs: number
  /** Milliseconds between two times that own records are stored anew; 0: never. */
  readonly republishIntervalMs: number
  /** Own records, at the most. */
  readonly publishedMax: number
  /** Milliseconds that others shall remember that we provide. */
  readonly provideTtlMs: number

  /** Nodes of the ring that one peer is, 1 to 64. */
  readonly virtualNodes: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** For a live network of tabs and Node processes. */
export const defaults: Readonly<ChordConfig> = Object.freeze({
  // From the paper (ToN §IV-E.3): r = Ω(log N). Ours: twice the copies, and twice log2 N for some hundred nodes.
  successorsMax: 16,
  // Ours: of eight nodes of which a third fail at once, one is left in 99.99 of 100 cases. CFS has six.
  replicas: 8,

  // Ours: a request that goes over links which exist needs no dials.
  routing: 'recursive',
  // Ours: ½ log2 N is 10 at a million nodes; no request should ever come near.
  hopsMax: 40,
  // Ours: eight of which each is dead with probability one half leave one alive in 99.6 of 100 cases.
  nextHopsMax: 8,
  reroutesMax: 12,

  // Ours: with sessions of a few minutes as tabs have (the paper: 30 s; OverSim: 20 s).
  stabilizeIntervalMs: 10 * second,
  // From the paper (ToN §V-B): one finger every 30 seconds.
  fixFingersIntervalMs: 30 * second,
  // Ours: one message a minute and node, and a parted ring is whole again in minutes.
  mergeIntervalMs: minute,
  lostMax: 16,

  // From the paper (ToN §V): 500 ms. Rhea et al., "Handling churn in a DHT" (2004): mean and four times the deviation.
  timeoutMsMin: 500,
  // Ours: a relayed WebRTC dial takes seconds.
  timeoutMsMax: 4 * second,
  // Ours: one message may be lost, two in a row are not.
  probesMax: 2,
  // Ours: six rounds of stabilize, in which it is replaced.
  suspicionMs: minute,
  callsMax: 512,
  // Ours: as in TCP (RFC 1122 §4.2.3.2), an answer that is near takes the place of its acknowledgement.
  ackDelayMs: 20,
  relayedMax: 4096,
  relayedMs: 30 * second,

  requestsMax: 256,
  // Ours: three dials one after the other.
  requestTimeoutMs: 10 * second,
  attemptsMax: 3,
  joinTimeoutMs: 6 * second,
  contactsMax: 16,

  records: RECORD_LIMITS,
  // Ours: a newcomer that has not been handed its records yet, and one more.
  missesMax: 2,
  // From libp2p's kad-dht: 20.
  providersMax: 20,
  // Ours: what went wrong is put right within minutes; an offer costs 26 bytes a value.
  repairIntervalMs: 5 * minute,
  // From libp2p's kad-dht specification: every 22 hours, of 48. Ours: tabs live for minutes to hours.
  republishIntervalMs: hour,
  publishedMax: 1024,
  provideTtlMs: 3 * hour,

  // From the paper (ToN §IV-A): log N to spread the keys evenly. Ours: one, for each costs a table.
  virtualNodes: 1,
})

/** What each number has to be at the least. */
const MINIMA: Partial<Record<keyof ChordConfig, number>> = {
  successorsMax: 1,
  replicas: 1,
  hopsMax: 1,
  nextHopsMax: 1,
  reroutesMax: 1,
  timeoutMsMin: 1,
  timeoutMsMax: 1,
  probesMax: 1,
  callsMax: 1,
  relayedMax: 2,
  relayedMs: 1,
  requestsMax: 1,
  requestTimeoutMs: 1,
  attemptsMax: 1,
  joinTimeoutMs: 1,
  contactsMax: 1,
  virtualNodes: 1,
}

/** Entries of a successor list on the wire, at the most. */
export const SUCCESSORS_MAX = 64
/** Nodes of the ring that one peer may be. */
export const VIRTUAL_NODES_MAX = 64

let lastChecked: Readonly<ChordConfig> | undefined

/**
 * Refuses a config that cannot work.
 *
 * @throws RangeError that says what must hold: a bug of the application
 */
export function checkConfig(config: Readonly<ChordConfig>): void {
  // A simulation makes a million nodes of one config.
  if (config === lastChecked) return
  for (const [name, value] of Object.entries(config)) {
    const least = MINIMA[name as keyof ChordConfig] ?? 0
    if (typeof value === 'number' && !(value >= least)) throw new RangeError(`${name} must be at least ${least}`)
  }
  if (config.successorsMax > SUCCESSORS_MAX) throw new RangeError(`successorsMax must be at most ${SUCCESSORS_MAX}`)
  if (config.replicas > config.successorsMax) throw new RangeError('replicas must be at most successorsMax')
  if (config.virtualNodes > VIRTUAL_NODES_MAX) throw new RangeError(`virtualNodes must be at most ${VIRTUAL_NODES_MAX}`)
  if (config.timeoutMsMax < config.timeoutMsMin) throw new RangeError('timeoutMsMax must be at least timeoutMsMin')
  lastChecked = config
}
