import { checkConfig, defaults as defaults04, type GnutellaConfig } from '../config.ts'
import type { DynamicQueryLimits } from './dynamic-query.ts'

/** How a servent of 0.6 finds its role: as it seems best, or fixed, as in an experiment. */
export type RoleChoice = 'auto' | 'leaf' | 'ultrapeer'

/**
 * Everything about a servent of 0.6 that can be chosen: that of 0.4, of which `neighborsTarget` and `neighborsMax` count
 * ultrapeers that are neighbors of an ultrapeer, and more.
 */
export interface HybridConfig extends GnutellaConfig, DynamicQueryLimits {
  /** What the other says who we are: `User-Agent`. */
  readonly userAgent: string
  readonly role: RoleChoice
  /**
   * What this process can carry, from 0 to 1. 0 is never an ultrapeer, 1 is one from the start and stays one (a Node process
   * that others can dial), what lies between is one while there are too few.
   */
  readonly capacity: number
  /** Milliseconds after which a servent has been there long enough to be as good an ultrapeer as it will be. */
  readonly uptimeFullMs: number
  /** Milliseconds between two looks whether hosts whose role nobody told are ultrapeers, while ultrapeers are missing. */
  readonly lookAroundIntervalMs: number
  /** Ultrapeers that a leaf wants. */
  readonly leafUltrapeers: number
  /** Leaves that an ultrapeer takes. */
  readonly leafSlots: number
  /** Neighbors of 0.4 that an ultrapeer takes. */
  readonly plainSlots: number
  /** Milliseconds without an ultrapeer after which a leaf becomes one: on average, with a capacity of 1/2 and no uptime. */
  readonly promotionDelayMs: number
  /** Milliseconds that an ultrapeer without leaves stays one at the least, and for up to as long again, at random. */
  readonly stepDownDelayMs: number
  /** TTL of queries that we send or pass on, at the most: `X-Max-TTL`. */
  readonly maxTtl: number

  /** Slots of our query route tables, a power of two. */
  readonly tableSlots: number
  /** A leaf's table with more than this share of its slots full is treated as none. */
  readonly tableFillMax: number
  /** Milliseconds between two tables sent to one ultrapeer, at the least: by a leaf, and by an ultrapeer. */
  readonly leafTableIntervalMs: number
  readonly tableIntervalMs: number
  /** Token bucket of RESETs and whole patches per neighbor. */
  readonly tablesInIntervalMs: number
  readonly tablesInBurst: number

  /** Results that end a dynamic query: of our own, and of a leaf's. */
  readonly ownResultsWanted: number
  readonly leafResultsWanted: number
  /** Dynamic queries at a time: all, and of one leaf. */
  readonly dynamicQueriesMax: number
  readonly dynamicQueriesPerLeafMax: number
  /** Milliseconds for which the pong of an ultrapeer is passed on. */
  readonly pongAgeMs: number
  /** Ultrapeers asked between two questions to a leaf how many results it has. */
  readonly guidanceInterval: number
  /** Ultrapeers to reach in theory with a leaf's query: `horizonMax` is that of our own. */
  readonly leafHorizonMax: number
  /** Token bucket of queries from and to an ultrapeer: it relays for hundreds. `queryIntervalMs` is that of a leaf. */
  readonly relayIntervalMs: number
  readonly relayBurst: number
  /** Milliseconds that a leaf which asks too much is told to be quiet. */
  readonly hopsFlowMs: number
  /** Ultrapeers that a leaf asks to be its push proxies. */
  readonly pushProxiesTarget: number
}

const second = 1000
const minute = 60 * second

/** For a live network of tabs and Node processes. */
export const defaults: Readonly<HybridConfig> = Object.freeze({
  ...defaults04,

  userAgent: 'servent/0.1',
  role: 'auto',
  // Ours: a tab can be an ultrapeer, and would rather not.
  capacity: 0.5,
  // Ours: tabs live for minutes to hours. (LimeWire asks for an hour, among processes that run for days.)
  uptimeFullMs: 10 * minute,

  // From the dynamic query proposal ("degree 32"), and LimeWire's ultrapeers.
  neighborsTarget: 32,
  // From gtk-gnutella (max_connections 50 beside up_connections 42): room for newcomers.
  neighborsMax: 40,
  // Ours: as many as come at once when an ultrapeer appears.
  handshakesMax: 64,
  // From RFC-Gnutella 0.6 §2.2.4.1: where pongs are cached a ping costs one neighbor eleven messages, so every 3 s; while
  // few ultrapeers are known we ask a third as often.
  discoveryIntervalMs: 10 * second,
  // Ours: most of them are leaves, and each is a dial.
  lookAroundIntervalMs: minute,
  // From LimeWire: a leaf keeps three.
  leafUltrapeers: 3,
  // Ours: between LimeWire's 30 and gtk-gnutella's 300.
  leafSlots: 100,
  // Ours: as many as a servent of 0.4 wants.
  plainSlots: 4,
  // Ours: a handshake over a relay takes a second or two; a leaf alone is of no use to anybody for longer.
  promotionDelayMs: 5 * second,
  // Ours: longer than a page takes to reload.
  stepDownDelayMs: minute,
  // From LimeWire (X-Max-TTL; the dynamic query proposal has at most 4): with the last hop by table and a degree of 32, one
  // connection reaches what a thousand ultrapeers have for some thirty messages, where a TTL of 4 takes a thousand.
  ttl: 3,
  maxTtl: 3,
  joinTtl: 3,

  // From LimeWire: 65,536 entries (131,072 in its last versions).
  tableSlots: 65_536,
  // Ours: a table that claims nearly everything asks for everything.
  tableFillMax: 0.9,
  // Ours: adding files one by one makes one patch every ten seconds. (gtk-gnutella looks every 300 s.)
  leafTableIntervalMs: 10 * second,
  tableIntervalMs: 10 * second,
  // Ours: twice what an honest neighbor of ours sends.
  tablesInIntervalMs: 5 * second,
  tablesInBurst: 10,

  // From gtk-gnutella and LimeWire: 150 for an own query, 50 for a leaf's.
  ownResultsWanted: 150,
  leafResultsWanted: 50,
  // Ours: a hundred leaves that search all at once.
  dynamicQueriesMax: 256,
  dynamicQueriesPerLeafMax: 16,
  // From the dynamic query proposal: a probe of three, 2,400 ms a hop.
  probeConnections: 3,
  hopWaitMs: 2400,
  // Ours (the dynamic query proposal: 200,000, in networks of a million): three ultrapeers of a leaf that go as far as this
  // each, or one that does for itself, miss one in a thousand of 5,000 ultrapeers, which carry 100,000 leaves.
  horizonMax: 36_000,
  leafHorizonMax: 12_000,
  // From LimeWire: 40,000 while there is nothing to reckon with.
  horizonBlind: 40_000,
  // From gtk-gnutella: 10 minutes at the most.
  lifetimeMs: 10 * minute,
  // Ours: twice the time between two pings of ours. (gtk-gnutella: 20 s, with a ping every 20 s.)
  pongAgeMs: 2 * minute,
  // From the leaf guidance proposal: every three ultrapeers.
  guidanceInterval: 3,
  // Ours: what thirty ultrapeers with thirty leaves each make at a query a leaf and minute, and bursts.
  relayIntervalMs: 20,
  relayBurst: 500,
  // Ours: a relay's answers are those of many.
  hitIntervalMs: 10,
  hitBurst: 500,
  // From LimeWire (HOPS_FLOW_INTERVAL).
  hopsFlowMs: 15 * second,
  // From gtk-gnutella: at most 8 in a hit; three ultrapeers is what a leaf has.
  pushProxiesTarget: 3,
})

let lastChecked: Readonly<HybridConfig> | undefined

/**
 * Refuses a config that cannot work.
 *
 * @throws RangeError that says what must hold: a bug of the application
 */
export function checkHybridConfig(config: Readonly<HybridConfig>): void {
  // A simulation makes a million servents of one config.
  if (config === lastChecked) return
  checkConfig(config)
  const { capacity, maxTtl, ttlMax, tableSlots, tableFillMax, leafUltrapeers } = config
  if (capacity > 1) throw new RangeError('capacity must be within 0 and 1')
  if (!(maxTtl >= 1 && maxTtl <= ttlMax)) throw new RangeError('maxTtl must be within 1 and ttlMax')
  if (tableFillMax > 1) throw new RangeError('tableFillMax must be within 0 and 1')
  if (leafUltrapeers < 1) throw new RangeError('a leaf needs an ultrapeer')
  if (!(tableSlots >= 8 && tableSlots <= 2 ** 21 && Number.isInteger(Math.log2(tableSlots)))) {
    throw new RangeError('tableSlots must be a power of two from 8 to 2^21')
  }
  lastChecked = config
}
