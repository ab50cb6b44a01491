import { EMPTY_LIBRARY, type Library } from '@servent/library'

/** Everything about a servent that can be chosen. Shared by reference: a million simulated ones have one. */
export interface GnutellaConfig {
  /** What we share. */
  readonly library: Library
  /** kbit/s that we say we have, and that a query's minimum speed is held against. */
  readonly speed: number
  /** IPv4 as a u32 and port that we write where 0.4 wants them. */
  readonly address: number
  readonly port: number

  /** TTL of our queries, in links. */
  readonly ttl: number
  /** TTL + hops of what is broadcast is cut to this. */
  readonly ttlMax: number
  /** What comes with a higher TTL than this is dropped. */
  readonly ttlHardMax: number

  /** Neighbors to have; 0 dials nobody by itself. */
  readonly neighborsTarget: number
  /** Neighbors at the most when others ask; those we dial ourselves count too. */
  readonly neighborsMax: number
  /** Connections that have not shaken hands yet, at the most. */
  readonly handshakesMax: number
  /** Milliseconds that one who finds no room stays, to be told of other hosts. */
  readonly guestMs: number
  /** Milliseconds for a dial and a handshake, each. */
  readonly handshakeTimeoutMs: number
  /** TTL of the ping that a new neighbor gets while we look for others; 1 asks the neighbor alone, 0 sends none. */
  readonly joinTtl: number

  /** Milliseconds between two looks at neighbors and hosts; 0 never looks: no dials, no keep-alive. */
  readonly maintenanceIntervalMs: number
  /** A neighbor that was silent for this long gets a ping with TTL 1. */
  readonly keepAliveIntervalMs: number
  /** Unanswered pings after which a neighbor is given up. */
  readonly keepAlivePingsMax: number
  /** Milliseconds between two pings that look for hosts while neighbors are missing. */
  readonly discoveryIntervalMs: number

  /** Hosts in the cache, at the most. */
  readonly hostsMax: number
  /** Milliseconds after which a host that nobody spoke of is forgotten. */
  readonly hostAgeMs: number
  /** Token bucket of the dials that we make by ourselves: one more every so many milliseconds, and so many at once. */
  readonly dialIntervalMs: number
  readonly dialBurst: number
  /** Milliseconds to leave a host alone after a failed dial; doubled each time. */
  readonly dialBackoffMs: number
  readonly dialBackoffMaxMs: number
  /** Failed dials in a row after which a host is forgotten. */
  readonly dialFailuresMax: number

  /** Milliseconds that ways back are kept at the least, and how many of each kind at the most. */
  readonly queryRouteAgeMs: number
  readonly pingRouteAgeMs: number
  readonly pushRouteAgeMs: number
  readonly routesMax: number

  /** Results in one hit. */
  readonly resultsPerHitMax: number
  /** Results of ours for one query. */
  readonly resultsPerQueryMax: number
  /** Results that we take for one query of ours. */
  readonly resultsTakenMax: number
  /** Queries of ours that hits are taken for; the oldest is forgotten. */
  readonly ownQueriesMax: number
  /** Pongs of others that answer a ping which is not forwarded. */
  readonly cachedPongsMax: number

  /** Token buckets per neighbor: one more every so many milliseconds (0: no limit), and so many at once. */
  readonly pingIntervalMs: number
  readonly pingBurst: number
  readonly pongIntervalMs: number
  readonly pongBurst: number
  readonly queryIntervalMs: number
  readonly queryBurst: number
  readonly hitIntervalMs: number
  readonly hitBurst: number
  readonly pushIntervalMs: number
  readonly pushBurst: number
  /** What is over those of pings and queries; over this the neighbor is disconnected. */
  readonly excessIntervalMs: number
  readonly excessBurst: number

  /** A neighbor is disconnected when more than so many descriptors, and more than this share, are its own repeats. */
  readonly repeatsMax: number
  readonly repeatsShareMax: number
  /** Unreadable payloads after which a neighbor is disconnected. */
  readonly malformedMax: number
  /** Milliseconds that a peer which broke the rules is kept out; doubled each time. */
  readonly discouragementMs: number
  readonly discouragementMaxMs: number
  /** Peers that are kept out or blocked, at the most each. */
  readonly unwantedMax: number

  /** Whether each query that comes by is told as an event. */
  readonly tellQueries: boolean
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** For a live network of tabs and Node processes. */
export const defaults: Readonly<GnutellaConfig> = Object.freeze({
  // Ours: nothing is shared until something is.
  library: EMPTY_LIBRARY,
  // Ours: 10 Mbit/s, a home's upstream.
  speed: 10_000,
  // Ours: a tab has no address of its own, and how to reach us stands in GGEP. The port is Gnutella's registered one, for
  // genuine servents drop a pong with port 0 (LimeWire PingReplyFactoryImpl).
  address: 0,
  port: 6346,

  // From the Gnutella protocol specification v0.4 ("TTL 7").
  ttl: 7,
  // From RFC-Gnutella 0.6 §2.2.1: TTL + hops above 7 is reduced to 7.
  ttlMax: 7,
  // From RFC-Gnutella 0.6 §2.2.1 and gtk-gnutella's hard_ttl_limit.
  ttlHardMax: 15,

  // Ours: the degree of measured 0.4 networks is 3 to 4; a flood of TTL 7 then reaches some thousand.
  neighborsTarget: 4,
  // Ours: twice the target, so that newcomers find room.
  neighborsMax: 8,
  // Ours: as many as there are neighbors.
  handshakesMax: 8,
  // Ours: the round trip of a ping over a relay, with room to spare.
  guestMs: 2 * second,
  // Ours: a relayed WebRTC dial takes seconds, a dead one is not waited for.
  handshakeTimeoutMs: 20 * second,
  // From the specification v0.4: a servent that joins broadcasts a ping.
  joinTtl: 7,

  // Ours: half the shortest time that is looked after.
  maintenanceIntervalMs: 5 * second,
  // From gtk-gnutella (nodes.c): a ping every 20 s, six unanswered end the link.
  keepAliveIntervalMs: 20 * second,
  keepAlivePingsMax: 6,
  // From RFC-Gnutella 0.6 §2.2.4.1: once a minute where pongs are not cached.
  discoveryIntervalMs: minute,

  // Ours: far more than are ever dialed.
  hostsMax: 500,
  // Ours: tabs live for minutes to hours.
  hostAgeMs: hour,
  // Ours: 20 a minute. A tab has 500 WebRTC connections in its life, and anybody can speak of hosts that are not there.
  dialIntervalMs: 3 * second,
  dialBurst: 8,
  // Ours: 10 s, doubled up to an hour (gtk-gnutella bans reconnecting hosts for 5 min to 1 h).
  dialBackoffMs: 10 * second,
  dialBackoffMaxMs: hour,
  // Ours: 10 s doubled five times is five minutes of trying.
  dialFailuresMax: 5,

  // From LimeWire (RouteTable): queries 5 to 10 min, of which we take the longer; pings 2 to 4 min; push 7 to 14 min.
  queryRouteAgeMs: 10 * minute,
  pingRouteAgeMs: 2 * minute,
  pushRouteAgeMs: 7 * minute,
  // Ours: 2^16 ids of some 100 bytes are 6 MB in a busy servent (LimeWire: 50,000 a generation).
  routesMax: 65_536,

  // From gtk-gnutella (qhit.c): at most 10 results per hit message.
  resultsPerHitMax: 10,
  // From gtk-gnutella (query_response_max_items).
  resultsPerQueryMax: 50,
  // From gtk-gnutella: max 1,000 results per search.
  resultsTakenMax: 1000,
  // Ours: more than a person looks at.
  ownQueriesMax: 64,
  // From RFC-Gnutella 0.6 §2.2.4: up to 10 cached pongs.
  cachedPongsMax: 10,

  // From RFC-Gnutella 0.6 §2.2.4: at most one ping handled per second per link. Bursts, and the other rates, are ours.
  pingIntervalMs: second,
  pingBurst: 5,
  // Ours: 20 replies a second, 100 at once.
  pongIntervalMs: 50,
  pongBurst: 100,
  // Ours: 2 queries a second, 10 at once: one person's typing, and a neighborhood's.
  queryIntervalMs: 500,
  queryBurst: 10,
  // Ours: 20 replies a second, 100 at once.
  hitIntervalMs: 50,
  hitBurst: 100,
  // Ours: 2 a second: a push costs its target a dial.
  pushIntervalMs: 500,
  pushBurst: 10,
  // Ours: three times the rate of queries for ten seconds.
  excessIntervalMs: 167,
  excessBurst: 60,

  // From gtk-gnutella: min_dup_msg 5 and min_dup_ratio 1.5 %.
  repeatsMax: 5,
  repeatsShareMax: 0.015,
  // From gtk-gnutella: five weird messages end the link.
  malformedMax: 5,
  // Ours: 5 min, doubled up to an hour.
  discouragementMs: 5 * minute,
  discouragementMaxMs: hour,
  // Ours: as many as there are hosts.
  unwantedMax: 500,

  // Ours: off, for an event a query is only for drawing.
  tellQueries: false,
})

let lastChecked: Readonly<GnutellaConfig> | undefined

/**
 * Refuses a config that cannot work.
 *
 * @throws RangeError that says what must hold: a bug of the application
 */
export function checkConfig(config: Readonly<GnutellaConfig>): void {
  // A simulation makes a million servents of one config.
  if (config === lastChecked) return
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === 'number' && !(value >= 0)) throw new RangeError(`${name} must not be negative`)
  }
  const { ttl, ttlMax, ttlHardMax, joinTtl, resultsPerHitMax, port } = config
  if (!(ttl >= 1 && ttl <= ttlMax && joinTtl <= ttlMax)) throw new RangeError('ttl and joinTtl must be within ttlMax')
  if (!(ttlMax <= ttlHardMax && ttlHardMax <= 254))
    throw new RangeError('ttlMax must be within ttlHardMax, that within 254')
  if (!(resultsPerHitMax >= 1 && resultsPerHitMax <= 255)) throw new RangeError('a hit takes 1 to 255 results')
  if (port > 0xffff) throw new RangeError('a port is below 65536')
  const { queryRouteAgeMs, pingRouteAgeMs, pushRouteAgeMs, routesMax } = config
  if (Math.min(queryRouteAgeMs, pingRouteAgeMs, pushRouteAgeMs) === 0) throw new RangeError('routes must have an age')
  if (routesMax < 2) throw new RangeError('route tables must take two ids')
  lastChecked = config
}
