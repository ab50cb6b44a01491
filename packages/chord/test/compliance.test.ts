import { toPeer } from '@servent/machine'
import { machineCompliance } from '@servent/machine/testing'
import { RECORD_LIMITS } from '@servent/records'
import * as fc from 'fast-check'
import { type ChordNode, chord } from '../src/index.ts'
import { key, messages, value } from './arbitraries.ts'

const config = Object.freeze({
  ...chord.defaults,
  successorsMax: 4,
  replicas: 3,
  callsMax: 12,
  relayedMax: 8,
  requestsMax: 4,
  contactsMax: 3,
  lostMax: 3,
  publishedMax: 4,
  records: { ...RECORD_LIMITS, recordsMax: 8, recordsPerPeerMax: 4 },
})

const act = <T>(drawn: fc.Arbitrary<T>, call: (node: ChordNode, value: T) => unknown) =>
  drawn.map((given) => (node: ChordNode) => call(node, given))
const near = fc.integer({ min: 0, max: 9 }).map(toPeer)

machineCompliance(chord, {
  config,
  messages,
  verbs: [
    act(near, (node, peer) => node.addContact(peer)),
    act(key, (node, wanted) => node.lookup(wanted)),
    act(key, (node, wanted) => node.get(wanted)),
    act(value, (node, record) => node.put(record)),
    act(key, (node, wanted) => node.provide(wanted)),
    act(key, (node, wanted) => node.stopProviding(wanted)),
    act(key, (node, wanted) => node.findProviders(wanted)),
    act(fc.constant(undefined), (node) => node.leave()),
  ],
  stateSize: (node) => node.stateSize,
  // Successors, predecessor and fingers; calls; suspects; contacts; requests; ways back; copies under way; own; records.
  stateMax: 4 + 1 + 160 + (config.callsMax + 16) + 512 + 6 + (4 + 6) + 8 + config.callsMax + 4 + 8,
  connectedPeers: () => [],
  sendsToAnyone: true,
})
