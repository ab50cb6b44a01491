import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import type { Libp2pOptions } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { type ProtocolRunner, runProtocol } from '../src/index.ts'
import { makeNode, until } from '../src/testing/index.ts'
import { type NoteTaker, notes } from './notes.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function makeRelayedNode(listen: string, services?: Libp2pOptions['services']): Promise<Libp2p> {
  const transports = [webSockets(), circuitRelayTransport()]
  const node = await makeNode(services, { addresses: { listen: [listen] }, transports })
  cleanups.push(async () => node.stop())
  return node
}

/** Two nodes that reach each other through a relay only, with a runner on each. */
async function relayedPair(
  runOnLimitedConnection: boolean
): Promise<[ProtocolRunner<NoteTaker>, ProtocolRunner<NoteTaker>]> {
  const relay = await makeRelayedNode('/ip4/127.0.0.1/tcp/0/ws', { relay: circuitRelayServer() })
  const pair = await Promise.all([makeRelayedNode('/p2p-circuit'), makeRelayedNode('/p2p-circuit')])
  await Promise.all(pair.map((node) => node.dial(relay.getMultiaddrs())))
  await until(() => pair.every((node) => node.getMultiaddrs().length > 0), 'the reservations')
  const runners = pair.map((node) => runProtocol(node, notes, {}, { runOnLimitedConnection }))
  await Promise.all(runners.map((runner) => runner.start()))
  cleanups.push(async () => {
    await Promise.all(runners.map((runner) => runner.stop()))
  })
  const [a, b] = runners as [ProtocolRunner<NoteTaker>, ProtocolRunner<NoteTaker>]
  for (const ma of pair[1].getMultiaddrs()) a.commons.addressBook.learn(b.self, ma, false)
  return [a, b]
}

describe('through a relay with limits', () => {
  it('an overlay runs if it may', async () => {
    const [a, b] = await relayedPair(true)
    a.machine.write(b.self, 'hello over there')
    await until(() => b.machine.noteCount === 1)
  })

  it('an overlay does not run by default', async () => {
    const [a, b] = await relayedPair(false)
    a.machine.host.connect(b.self)
    await until(() => a.drops.get('only-relayed') === 1)
    expect(a.machine.calls).toEqual(['start', `-${b.self}`])
  })
})
