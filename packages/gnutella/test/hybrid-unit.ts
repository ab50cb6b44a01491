// One servent of 0.6 on a recording host, and what its neighbors say to it.
import { Library } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { type Effect, RecordingHost, testKeyOf } from '@servent/machine/testing'
import {
  type AdoptedAs,
  type ConnectResponse,
  type GnutellaEvent,
  gnutella06,
  type HybridConfig,
  type HybridServent,
  type Message,
  type QueryHit,
  serventIdOf,
} from '../src/index.ts'
import { patchesFor } from '../src/v06/qrp-patches.ts'
import { QueryRouteTable } from '../src/v06/query-route-table.ts'
import { guidOf, hit } from './rig.ts'

const { defaults } = gnutella06

export interface Rig {
  readonly host: RecordingHost<Message, GnutellaEvent>
  readonly servent: HybridServent
  readonly library: Library
  effects(): Effect<Message, GnutellaEvent>[]
  /** Who was sent what since it was last asked, as `peer type`, and all of it. */
  sent(): { to: Peer; message: Message }[]
  words(): string[]
}

export function rig(config: Partial<HybridConfig> = {}, links: Readonly<Record<number, AdoptedAs>> = {}): Rig {
  const host = new RecordingHost<Message, GnutellaEvent>(toPeer(0))
  const library = new Library()
  const servent = gnutella06.create(host, { ...defaults, joinTtl: 0, ...config, library })
  servent.start()
  for (const [peer, as] of Object.entries(links)) servent.adopt(toPeer(Number(peer)), as)
  host.take()
  const effects = () => host.take()
  const sent = () =>
    effects()
      .filter((effect) => effect.effect === 'send')
      .map(({ to, message }) => ({ to, message }))
  return {
    host,
    servent,
    library,
    effects,
    sent,
    words: () => sent().map(({ to, message }) => `${to} ${message.type}`),
  }
}

const headers = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields))
export const modern = { 'bye-packet': '0.1', 'vendor-message': '0.2', 'x-query-routing': '0.1' }
export const request = (isUltrapeer: boolean, more = {}): Message => ({
  type: 'ConnectRequest',
  headers: headers({ ...modern, 'x-ultrapeer': isUltrapeer ? 'True' : 'False', ...more }),
})
export const response = (
  fields: Readonly<Record<string, string>>,
  code = 200,
  tryUltrapeers: Peer[] = []
): Message => ({
  type: 'ConnectResponse',
  code,
  reason: 'OK',
  headers: headers(fields),
  tryUltrapeers,
})

/** Someone dials us and agrees to whatever we answer. */
export function dialIn({ servent, sent }: Rig, peer: Peer, first: Message): ConnectResponse | undefined {
  servent.onPeerConnected(peer)
  servent.onMessage(peer, first)
  const answer = sent().find(({ message }) => message.type === 'ConnectResponse')?.message
  if (answer?.type !== 'ConnectResponse') return undefined
  if (answer.code === 200) servent.onMessage(peer, response({}))
  return answer
}

const tableOf = (words: Iterable<string>) => QueryRouteTable.of(words)
export const patches = (words: Iterable<string>) =>
  patchesFor(undefined, tableOf(words), { guid: guidOf(9), bytesMax: 4096 })
export function tell(servent: HybridServent, peer: Peer, words: Iterable<string>): void {
  for (const message of patches(words)) servent.onMessage(peer, message)
}

export const own = (peer: Peer, extra: Partial<QueryHit> = {}): QueryHit =>
  hit({ peer, serventId: serventIdOf(testKeyOf(peer)), ...extra })
