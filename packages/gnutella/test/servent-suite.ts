import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import * as fc from 'fast-check'
import type { Servent } from '../src/index.ts'
import { guid, peer } from './arbitraries.ts'

const library = new Library()
library.add({ name: 'Alpha Song.txt', size: 21, sha1: new Uint8Array(20), cid: Uint8Array.of(1, 2, 3) })
library.add({ name: 'Ärger über Öl.mp3', size: 2 ** 33, sha1: undefined, cid: undefined })

/** Bounds that are soon met, and something to find. */
export const SMALL = Object.freeze({
  library,
  hostsMax: 8,
  routesMax: 8,
  unwantedMax: 4,
  ownQueriesMax: 4,
  resultsTakenMax: 4,
  handshakesMax: 3,
  tellQueries: true,
})

/** Four route tables and the blocked. What there is of drops and host caches comes on top. */
export const SMALL_STATE_MAX = 4 * SMALL.routesMax + SMALL.unwantedMax

const act = <T>(drawn: fc.Arbitrary<T>, call: (servent: Servent, value: T) => unknown) =>
  drawn.map((value) => (servent: Servent) => call(servent, value))
const neighbor = fc.integer({ min: 0, max: 9 }).map(toPeer)

/** What an application may call of a servent of either version. */
export const verbs: readonly fc.Arbitrary<(servent: Servent) => unknown>[] = [
  act(fc.tuple(fc.string({ unit: 'binary' }), fc.integer()), (servent, [criteria, ttl]) =>
    servent.query(criteria, { ttl, minSpeed: ttl })
  ),
  act(guid, (servent, forgotten) => servent.forget(forgotten)),
  act(fc.integer(), (servent, ttl) => servent.ping(ttl)),
  act(fc.nat(9), (servent, index) => servent.push(servent.serventId, index)),
  act(peer, (servent, host) => servent.addHost(host)),
  act(neighbor, (servent, other) => servent.connect(other)),
  act(neighbor, (servent, other) => servent.disconnect(other)),
  act(neighbor, (servent, other) => servent.block(other)),
  act(neighbor, (servent, other) => servent.unblock(other)),
]

/** How much a servent remembers, but for what only one of 0.6 does. */
export function stateSize(servent: Servent): number {
  return servent.routeCount + servent.hosts.length + servent.blocked.length + Object.keys(servent.drops).length
}
