import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type Peer, toPeer } from '@servent/machine'
import { afterEach, describe, expect, it } from 'vitest'
import { Commons, type CommonsOptions } from '../src/index.ts'
import { makeNode, until } from '../src/testing/index.ts'
import { strangerOf } from './nodes.ts'

const nodes: Libp2p[] = []
const commons: Commons[] = []

afterEach(async () => {
  for (const each of commons.splice(0)) each.stop()
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function makeNodes(count: number): Promise<Libp2p[]> {
  const made = await Promise.all(Array.from({ length: count }, () => makeNode()))
  nodes.push(...made)
  return made
}

/** The commons of a node that knows where the others are. */
function commonsOf(node: Libp2p, others: readonly Libp2p[], options: CommonsOptions): Commons {
  const made = new Commons(node, options)
  commons.push(made)
  made.start()
  for (const other of others) for (const ma of other.getMultiaddrs()) made.addressBook.learn(peerOf(other), ma, true)
  return made
}

const peerOf = (node: Libp2p): Peer => toPeer(node.peerId.toString())

describe('a budget of connections', () => {
  it('lets a connection go whose peer the store has forgotten, as it does after hours', async () => {
    const [node, first, second] = (await makeNodes(3)) as [Libp2p, Libp2p, Libp2p]
    const { budget } = commonsOf(node, [first, second], { connectionsMax: 1 })
    await budget.connect(peerOf(first), false)
    await until(() => node.getConnections(first.peerId)[0]?.streams.length === 0)
    await node.peerStore.delete(first.peerId)
    const connection = await budget.connect(peerOf(second), false)
    expect(connection.remotePeer.toString()).toBe(peerOf(second))
    expect(node.getConnections(first.peerId)).toEqual([])
  })

  it('lets the oldest idle connection go for a new one, but none that is held', async () => {
    const [node, ...others] = (await makeNodes(4)) as [Libp2p, Libp2p, Libp2p, Libp2p]
    const { budget } = commonsOf(node, others, { connectionsMax: 2 })
    const [first, second, third] = others
    await budget.connect(peerOf(first), false)
    await until(() => first.getConnections(node.peerId).length === 1)
    budget.hold(peerOf(first))
    await budget.connect(peerOf(second), false)
    // Identify runs on a new connection, and ends.
    await until(() => node.getConnections(second.peerId)[0]?.streams.length === 0)
    await budget.connect(peerOf(third), false)
    expect(node.getPeers().map(String).sort()).toEqual([first, third].map((each) => String(each.peerId)).sort())
  })

  it('refuses a dial when all connections are held', async () => {
    const [node, first, second] = (await makeNodes(3)) as [Libp2p, Libp2p, Libp2p]
    const { budget } = commonsOf(node, [first, second], { connectionsMax: 1 })
    await budget.connect(peerOf(first), false)
    budget.hold(peerOf(first))
    await expect(budget.connect(peerOf(second), false)).rejects.toMatchObject({ reason: 'connections-full' })
    // Two overlays hold it: one is not enough to let it go.
    budget.hold(peerOf(first))
    budget.release(peerOf(first))
    await expect(budget.connect(peerOf(second), false)).rejects.toMatchObject({ reason: 'connections-full' })
  })

  it('shares one dial and one connection between all that want a peer', async () => {
    const [node, other] = (await makeNodes(2)) as [Libp2p, Libp2p]
    const { budget } = commonsOf(node, [other], {})
    const connections = await Promise.all([1, 2, 3].map(() => budget.connect(peerOf(other), false)))
    expect(new Set(connections).size).toBe(1)
    expect(await budget.connect(peerOf(other), false)).toBe(connections[0])
    expect(budget.liveCount).toBe(1)
  })

  it('has dials wait for their turn', async () => {
    const [node, ...others] = (await makeNodes(5)) as [Libp2p, ...Libp2p[]]
    const { budget } = commonsOf(node, others, { dialsMax: 1 })
    await Promise.all(others.map((other) => budget.connect(peerOf(other), false)))
    expect(budget.liveCount).toBe(4)
  })

  it('spends no more WebRTC connections than the page may make', async () => {
    const [node] = (await makeNodes(1)) as [Libp2p]
    const { budget, addressBook } = commonsOf(node, [], { rtcConnectionsMax: 3 })
    const [relay, first, second] = await Promise.all([strangerOf(), strangerOf(), strangerOf()])
    const webrtc = multiaddr(`/ip4/127.0.0.1/tcp/1/ws/p2p/${relay}/p2p-circuit/webrtc`)
    addressBook.learn(first, webrtc, false)
    addressBook.learn(second, webrtc, false)
    // No transport dials WebRTC here: three attempts fail at once.
    await expect(budget.connect(first, false)).rejects.toMatchObject({ reason: 'dial-failed' })
    expect(budget.rtcCount).toBe(3)
    await expect(budget.connect(second, false)).rejects.toMatchObject({ reason: 'rtc-spent' })
    expect(budget.rtcCount).toBe(3)
  })

  it('ends its dials when it stops', async () => {
    const [node, other] = (await makeNodes(2)) as [Libp2p, Libp2p]
    const made = commonsOf(node, [other], {})
    const dial = made.budget.connect(peerOf(other), false)
    made.budget.stop()
    await expect(dial).rejects.toMatchObject({ reason: 'dial-failed' })
  })
})
