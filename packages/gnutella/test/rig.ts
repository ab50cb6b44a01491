// A servent on a recording host, and descriptors to drive it with.
import { Library } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { type Effect, RecordingHost, testKeyOf } from '@servent/machine/testing'
import {
  type GnutellaConfig,
  type GnutellaEvent,
  type Guid,
  gnutella04,
  type Message,
  type Ping,
  type Query,
  type QueryHit,
  type Servent,
  serventIdOf,
} from '../src/index.ts'

export const [P1, P2, P3] = [toPeer(1), toPeer(2), toPeer(3)]
export const verbatim = undefined
export const guidOf = (fill: number) => String.fromCharCode(...new Array<number>(16).fill(fill)) as Guid

interface Rig {
  readonly host: RecordingHost<Message, GnutellaEvent>
  readonly servent: Servent
  readonly library: Library
  sent(): { to: Peer; message: Message }[]
  events(): GnutellaEvent[]
}

/** A servent with neighbors 1, 2 and 3, and nothing done yet. */
export function rig(config: Partial<GnutellaConfig> = {}, neighbors: readonly Peer[] = [P1, P2, P3]): Rig {
  const host = new RecordingHost<Message, GnutellaEvent>(toPeer(0))
  const library = new Library()
  const servent = gnutella04.create(host, { ...gnutella04.defaults, ...config, library })
  for (const peer of neighbors) servent.adopt(peer)
  let held: Effect<Message, GnutellaEvent>[] = []
  const take = () => {
    held.push(...host.take())
    const taken = held
    return taken
  }
  return {
    host,
    servent,
    library,
    sent() {
      const sent = take().filter((effect) => effect.effect === 'send')
      held = held.filter(({ effect }) => effect !== 'send')
      return sent.map(({ to, message }) => ({ to, message }))
    },
    events() {
      const emitted = take().filter((effect) => effect.effect === 'emit')
      held = held.filter(({ effect }) => effect !== 'emit')
      return emitted.map(({ event }) => event)
    },
  }
}

export const query = (extra: Partial<Query> = {}): Query => ({
  type: 'Query',
  guid: guidOf(1),
  ttl: 7,
  hops: 0,
  minSpeed: 0,
  criteria: 'alpha',
  sha1: undefined,
  cid: undefined,
  verbatim,
  ...extra,
})
export const ping = (extra: Partial<Ping> = {}): Ping => ({
  type: 'Ping',
  guid: guidOf(2),
  ttl: 7,
  hops: 0,
  verbatim,
  ...extra,
})
export const hit = (extra: Partial<QueryHit> = {}): QueryHit => ({
  type: 'QueryHit',
  guid: guidOf(1),
  ttl: 5,
  hops: 0,
  port: 6346,
  address: 0,
  speed: 100,
  results: [{ index: 1, size: 10, name: 'alpha.txt', sha1: undefined, cid: undefined }],
  peer: toPeer(9),
  pushProxies: [],
  isBrowsable: false,
  serventId: serventIdOf(testKeyOf(toPeer(9))),
  verbatim,
  ...extra,
})
export const share = (library: Library, name: string, extra = {}) =>
  library.add({ name, size: 1000, sha1: undefined, cid: undefined, ...extra })
