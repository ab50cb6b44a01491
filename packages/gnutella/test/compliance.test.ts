import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { machineCompliance } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { gnutella04, type Message, type Servent } from '../src/index.ts'
import { guid, messages, peer } from './arbitraries.ts'

const library = new Library()
library.add({ name: 'Alpha Song.txt', size: 21, sha1: new Uint8Array(20), cid: Uint8Array.of(1, 2, 3) })
library.add({ name: 'Ärger über Öl.mp3', size: 2 ** 33, sha1: undefined, cid: undefined })

const config = Object.freeze({
  ...gnutella04.defaults,
  library,
  hostsMax: 8,
  routesMax: 8,
  unwantedMax: 4,
  ownQueriesMax: 4,
  resultsTakenMax: 4,
  neighborsMax: 4,
  handshakesMax: 3,
  tellQueries: true,
})

const ok: Message = { type: 'Ok' }

const act = <T>(drawn: fc.Arbitrary<T>, call: (servent: Servent, value: T) => unknown) =>
  drawn.map((value) => (servent: Servent) => call(servent, value))
const neighbor = fc.integer({ min: 0, max: 9 }).map(toPeer)

machineCompliance(gnutella04, {
  config,
  messages,
  opening: [{ type: 'Connect' }],
  answer: (message) => (message.type === 'Connect' ? ok : undefined),
  greetings: ['ConnectRequest', 'ConnectResponse'],
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
    servent.routeCount + servent.hosts.length + servent.blocked.length + Object.keys(servent.drops).length,
  // Four route tables, the host cache, the blocked, and no more names of drops than there are.
  stateMax: 4 * config.routesMax + config.hostsMax + config.unwantedMax + 40,
  connectedPeers: (servent) => servent.neighbors,
})
