import { toPeer } from '@servent/machine'
import { machineCompliance } from '@servent/machine/testing'
import { RECORD_LIMITS } from '@servent/records'
import * as fc from 'fast-check'
import { type Can, can } from '../src/index.ts'
import { DIMENSIONS, key, messages, peer, REALITIES, value } from './arbitraries.ts'

const config = Object.freeze({
  ...can.defaults,
  dimensions: DIMENSIONS,
  realities: REALITIES,
  contactsMax: 4,
  claimsMax: 4,
  knownMax: 4,
  requestsMax: 4,
  pendingMax: 4,
  providedMax: 4,
  records: Object.freeze({ ...RECORD_LIMITS, recordsMax: 8 }),
})

const act = <T>(drawn: fc.Arbitrary<T>, call: (node: Can, given: T) => unknown) =>
  drawn.map((given) => (node: Can) => call(node, given))

machineCompliance(can, {
  config,
  messages,
  sendsToAnyone: true,
  verbs: [
    act(fc.integer({ min: 0, max: 9 }).map(toPeer), (node, contact) => node.addContact(contact)),
    act(peer, (node, contact) => node.addContact(contact)),
    act(key, (node, sought) => node.lookup(sought)),
    act(key, (node, sought) => node.get(sought)),
    act(value, (node, record) => node.put(record)),
    act(key, (node, sought) => node.provide(sought)),
    act(key, (node, sought) => node.stopProviding(sought)),
    act(key, (node, sought) => node.findProviders(sought)),
    act(fc.constant(undefined), (node) => node.leave()),
  ],
  stateSize: (node) => node.stateSize,
  stateMax: 2000,
  // Contacts are not connections.
  connectedPeers: () => [],
})
