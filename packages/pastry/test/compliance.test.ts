import { toPeer } from '@servent/machine'
import { machineCompliance } from '@servent/machine/testing'
import { hashedValue, RECORD_LIMITS } from '@servent/records'
import * as fc from 'fast-check'
import { type Pastry, type PastryConfig, pastry } from '../src/index.ts'
import { keys, messages } from './arbitraries.ts'

const config: PastryConfig = {
  ...pastry.defaults,
  leafSetSize: 4,
  neighborhoodSize: 4,
  replicas: 3,
  hopsMax: 4,
  routesMax: 6,
  requestsMax: 4,
  contactsMax: 3,
  probesMax: 4,
  goneMax: 4,
  distancesMax: 6,
  roundsMax: 4,
  cacheMax: 3,
  publishedMax: 3,
  limits: { ...RECORD_LIMITS, recordsMax: 6, recordsPerPeerMax: 3, providersPerKeyMax: 2 },
}

/** Tables: three lists and no more than the peers that messages name, 32 in a row at the most. */
const TABLES_MAX = 4 + 4 + 32 * 15
/** Probes and suspects, the gone, distances; routes; rounds; store and cache; requests and one too many; contacts, lost and
 * waiting; those asked for tables, and rows; what is published. */
const MEMORY_MAX = 2 * 4 + 4 + 6 + 6 + 4 + 6 + 3 + 5 + 3 * 3 + 2 * TABLES_MAX + 64 + 2 * 3

const contacts = fc.integer({ min: 0, max: 8 }).map(toPeer)
const values = fc.uint8Array({ maxLength: 8 }).map((value) => hashedValue(value, 60_000))

machineCompliance(pastry, {
  config,
  messages,
  verbs: [
    contacts.map((peer) => (machine: Pastry) => machine.addContact(peer)),
    keys.map((key) => (machine: Pastry) => machine.lookup(key)),
    keys.map((key) => (machine: Pastry) => machine.get(key)),
    keys.map((key) => (machine: Pastry) => machine.provide(key)),
    keys.map((key) => (machine: Pastry) => machine.stopProviding(key)),
    keys.map((key) => (machine: Pastry) => machine.findProviders(key)),
    values.map((record) => (machine: Pastry) => machine.put(record)),
    fc.constant((machine: Pastry) => machine.leave()),
  ],
  stateSize: (machine) => machine.memorySize + machine.tables.everyone.length,
  stateMax: MEMORY_MAX + TABLES_MAX,
  connectedPeers: (machine) => machine.linked,
  sendsToAnyone: true,
})
