import { type Key, keyToBytes } from '@servent/keyspace'
import { hashedValue, type ValueRecord } from '@servent/records'
import type { BenchNode, LookupNetwork } from './network.ts'
import type { Traffic } from './traffic.ts'

/** What an overlay is asked, and what it sends for it. */
export interface Contestant {
  readonly name: string
  /** What all nodes have sent for this overlay so far. */
  traffic(): Traffic
  put(node: BenchNode, record: ValueRecord): Promise<unknown>
  get(node: BenchNode, record: ValueRecord): Promise<unknown>
  lookup(node: BenchNode, record: ValueRecord): Promise<unknown>
}

/** The time that a value is to be kept: longer than the bench. */
const TTL_MS = 3_600_000

/** Different values, the same in every run. */
export function values(count: number): ValueRecord[] {
  return Array.from({ length: count }, (_, index) =>
    hashedValue(new TextEncoder().encode(`value ${index} of the bench`), TTL_MS)
  )
}

export function contestants(network: LookupNetwork): Contestant[] {
  return [structured('pastry', network), structured('chord', network), structured('can', network), kademlia(network)]
}

/** What of a service is used here: the same in all three. */
interface Structured {
  readonly runner: { readonly traffic: { readonly framesOut: number; readonly bytesOut: number } }
  putRecord(record: ValueRecord): Promise<unknown>
  getRecords(key: Key): Promise<unknown>
  lookup(key: Key): Promise<unknown>
}

function structured(name: 'pastry' | 'chord' | 'can', { nodes }: LookupNetwork): Contestant {
  const serviceOf = ({ services }: BenchNode): Structured => services[name]
  return {
    name,
    traffic() {
      const sum = { messages: 0, bytes: 0 }
      for (const node of nodes) {
        const { framesOut, bytesOut } = serviceOf(node).runner.traffic
        sum.messages += framesOut
        sum.bytes += bytesOut
      }
      return sum
    },
    put: (node, record) => serviceOf(node).putRecord(record),
    get: (node, { key }) => serviceOf(node).getRecords(key),
    lookup: (node, { key }) => serviceOf(node).lookup(key),
  }
}

/** The ecosystem's, by what libp2p's content routing calls: a put is over when all have answered, so is a get. */
function kademlia({ kadTraffic }: LookupNetwork): Contestant {
  return {
    name: '@libp2p/kad-dht',
    traffic: () => ({ ...kadTraffic }),
    async put({ services }, record) {
      for await (const _event of services.kad.put(kadKey(record), record.value));
    },
    async get({ services }, record) {
      for await (const event of services.kad.get(kadKey(record))) if (event.name === 'VALUE') return event.value
      throw new Error('Kademlia has not found a value.')
    },
    async lookup({ services }, record) {
      for await (const _event of services.kad.getClosestPeers(kadKey(record)));
    },
  }
}

function kadKey({ key }: ValueRecord): Uint8Array {
  return new TextEncoder().encode(`/bench/${Buffer.from(keyToBytes(key)).toString('hex')}`)
}
