import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { machineCompliance } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { gnutella06, type HybridConfig, type HybridServent, type Message } from '../src/index.ts'
import { guid, messages, peer } from './arbitraries.ts'

const library = new Library()
library.add({ name: 'Alpha Song.txt', size: 21, sha1: new Uint8Array(20), cid: Uint8Array.of(1, 2, 3) })
library.add({ name: 'Ärger über Öl.mp3', size: 2 ** 33, sha1: undefined, cid: undefined })

const auto: Readonly<HybridConfig> = Object.freeze({
  ...gnutella06.defaults,
  library,
  hostsMax: 8,
  routesMax: 8,
  unwantedMax: 4,
  ownQueriesMax: 4,
  resultsTakenMax: 4,
  neighborsTarget: 2,
  neighborsMax: 3,
  leafSlots: 3,
  leafUltrapeers: 2,
  plainSlots: 2,
  handshakesMax: 3,
  dynamicQueriesMax: 4,
  dynamicQueriesPerLeafMax: 2,
  tableSlots: 64,
  tellQueries: true,
})

const hello = (isUltrapeer: boolean, extra: readonly [string, string][] = []) =>
  new Map([
    ['bye-packet', '0.1'],
    ['vendor-message', '0.2'],
    ['x-query-routing', '0.1'],
    ['x-ultrapeer-query-routing', '0.1'],
    ['x-ultrapeer', isUltrapeer ? 'True' : 'False'],
    ...extra,
  ])

const agreed = (isUltrapeer: boolean): Message => ({
  type: 'ConnectResponse',
  code: 200,
  reason: 'OK',
  headers: hello(isUltrapeer, [['x-ultrapeer-needed', 'False']]),
  tryUltrapeers: [],
})

const act = <T>(drawn: fc.Arbitrary<T>, call: (servent: HybridServent, value: T) => unknown) =>
  drawn.map((value) => (servent: HybridServent) => call(servent, value))
const neighbor = fc.integer({ min: 0, max: 9 }).map(toPeer)

/** Once with leaves that come, once with ultrapeers. */
for (const isUltrapeer of [false, true]) {
  machineCompliance(gnutella06, {
    config: { ...auto, capacity: isUltrapeer ? 0.5 : 1 },
    messages,
    opening: [{ type: 'ConnectRequest', headers: hello(isUltrapeer) }, agreed(isUltrapeer)],
    answer: (message) => (message.type === 'ConnectRequest' ? agreed(isUltrapeer) : undefined),
    greetings: ['Connect', 'Ok'],
    verbs: [
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
    ],
    stateSize: (servent) =>
      servent.routeCount +
      servent.hosts.length +
      servent.knownUltrapeers.length +
      servent.blocked.length +
      Object.keys(servent.drops).length,
    // Four route tables, two host caches, the blocked, and no more names of drops than there are.
    stateMax: 4 * auto.routesMax + 2 * auto.hostsMax + auto.unwantedMax + 60,
    connectedPeers: (servent) => servent.neighbors,
  })
}
