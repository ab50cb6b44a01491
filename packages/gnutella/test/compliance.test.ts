import { machineCompliance } from '@servent/machine/testing'
import { gnutella04, type Message } from '../src/index.ts'
import { messages } from './arbitraries.ts'
import { SMALL, SMALL_STATE_MAX, stateSize, verbs } from './servent-suite.ts'

const ok: Message = { type: 'Ok' }

machineCompliance(gnutella04, {
  config: Object.freeze({ ...gnutella04.defaults, ...SMALL, neighborsMax: 4 }),
  messages,
  opening: [{ type: 'Connect' }],
  answer: (message) => (message.type === 'Connect' ? ok : undefined),
  greetings: ['ConnectRequest', 'ConnectResponse'],
  verbs,
  stateSize,
  // Besides, the host cache, and no more names of drops than there are.
  stateMax: SMALL_STATE_MAX + SMALL.hostsMax + 40,
  connectedPeers: (servent) => servent.neighbors,
})
