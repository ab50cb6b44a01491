import { machineCompliance } from '@servent/machine/testing'
import { gnutella06, type HybridConfig, type Message } from '../src/index.ts'
import { messages } from './arbitraries.ts'
import { SMALL, SMALL_STATE_MAX, stateSize, verbs } from './servent-suite.ts'

const auto: Readonly<HybridConfig> = Object.freeze({
  ...gnutella06.defaults,
  ...SMALL,
  neighborsTarget: 2,
  neighborsMax: 3,
  leafSlots: 3,
  leafUltrapeers: 2,
  plainSlots: 2,
  dynamicQueriesMax: 4,
  dynamicQueriesPerLeafMax: 2,
  tableSlots: 64,
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

/** Once with leaves that come, once with ultrapeers. */
for (const isUltrapeer of [false, true]) {
  machineCompliance(gnutella06, {
    config: { ...auto, capacity: isUltrapeer ? 0.5 : 1 },
    messages,
    opening: [{ type: 'ConnectRequest', headers: hello(isUltrapeer) }, agreed(isUltrapeer)],
    answer: (message) => (message.type === 'ConnectRequest' ? agreed(isUltrapeer) : undefined),
    greetings: ['Connect', 'Ok'],
    verbs,
    stateSize: (servent) => stateSize(servent) + servent.knownUltrapeers.length,
    // Besides, two host caches, and no more names of drops than there are.
    stateMax: SMALL_STATE_MAX + 2 * SMALL.hostsMax + 60,
    connectedPeers: (servent) => servent.neighbors,
  })
}
