import type { Libp2p } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { streamPair } from '@libp2p/utils'
import { toPeer } from '@servent/machine'
import type { Uint8ArrayList } from 'uint8arraylist'
import { afterEach, describe, expect, it } from 'vitest'
import { commonsOf, defaultLimits, type Limits, type ProtocolRunner, runProtocol } from '../src/index.ts'
import { Link, type LinkOwner } from '../src/link.ts'
import { makeNode, until } from '../src/testing/index.ts'
import { framedNote, type Note, type NoteTaker, notes } from './notes.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
})

type Runner = ProtocolRunner<NoteTaker>

async function started(limits: Partial<Limits> = {}): Promise<[Libp2p, Runner]> {
  const node = await makeNode()
  const runner = runProtocol(node, notes, {}, { limits: { closeTimeoutMs: 100, ...limits } })
  await runner.start()
  cleanups.push(async () => {
    await runner.stop()
    await node.stop()
  })
  return [node, runner]
}

async function connectedPair(): Promise<{ nodeA: Libp2p; nodeB: Libp2p; a: Runner; b: Runner }> {
  const [[nodeA, a], [nodeB, b]] = await Promise.all([started(), started()])
  for (const ma of nodeB.getMultiaddrs()) a.commons.addressBook.learn(b.self, ma, true)
  a.machine.host.connect(b.self)
  await until(() => a.machine.calls.includes(`+${b.self}`) && b.machine.calls.includes(`+${a.self}`))
  return { nodeA, nodeB, a, b }
}

describe('a link that nothing goes over', () => {
  it('is ended where links have an age, and its connection is held no longer', async () => {
    const [[, a], [nodeB, b]] = await Promise.all([started({ linkIdleMs: 100 }), started()])
    for (const ma of nodeB.getMultiaddrs()) a.commons.addressBook.learn(b.self, ma, true)
    a.machine.host.connect(b.self)
    await until(() => a.machine.calls.includes(`-${b.self}`) && b.machine.calls.includes(`-${a.self}`))
    expect(a.machine.calls.indexOf(`+${b.self}`)).toBeLessThan(a.machine.calls.indexOf(`-${b.self}`))
    expect(a.neighbors).toEqual([])
  })
})

describe('a link', () => {
  function owner(frames: Uint8Array[]): LinkOwner {
    return {
      limits: defaultLimits,
      framing: notes.framing,
      log: defaultLogger().forComponent('test'),
      now: () => 0,
      onFrame: (_, frame) => frames.push(frame),
      onGone: () => undefined,
      onBreach: () => undefined,
      drop: () => undefined,
    }
  }

  it('writes all messages of a turn at once, as one buffer', async () => {
    const { nodeA, nodeB } = await connectedPair()
    const [connection] = nodeA.getConnections(nodeB.peerId)
    const [near, far] = await streamPair()
    const frames: Uint8Array[] = []
    const link = new Link(toPeer('near'), owner([]))
    const reader = new Link(toPeer('far'), owner(frames))
    const written: (Uint8Array | Uint8ArrayList)[] = []
    const send = near.send.bind(near)
    near.send = (data) => {
      written.push(data)
      return send(data)
    }
    if (connection === undefined) throw new Error('the nodes are connected')
    link.attach(near, connection)
    reader.attach(far, connection)
    for (let i = 0; i < 100; i++) link.push({ frame: framedNote(`note ${i}`), priority: 0, type: 'Note' })
    link.flush()
    await until(() => frames.length === 100)
    expect(written).toEqual([expect.any(Uint8Array)])
  })
})

describe('a message to several peers', () => {
  it('is encoded once a turn, and anew in the next one', async () => {
    const hubNode = await makeNode()
    let encodeCount = 0
    const encode: typeof notes.codec.encode = (message, peers) => {
      encodeCount++
      return notes.codec.encode(message, peers)
    }
    const hub = runProtocol(hubNode, { ...notes, codec: { ...notes.codec, encode } })
    await hub.start()
    cleanups.push(async () => {
      await hub.stop()
      await hubNode.stop()
    })
    const others = (await Promise.all([started(), started(), started()])).map(([, runner]) => runner)
    for (const other of others) {
      for (const ma of hubNode.getMultiaddrs()) other.commons.addressBook.learn(hub.self, ma, true)
      other.machine.host.connect(hub.self)
    }
    await until(() => hub.neighbors.length === 3)
    const note: Note = { type: 'Note', body: new TextEncoder().encode('to all') }
    for (const turn of [1, 2]) {
      for (const other of others) hub.machine.host.send(other.self, note)
      expect(encodeCount).toBe(turn)
      await until(() => others.every(({ machine }) => machine.noteCount === turn))
    }
    expect(hub.traffic.framesOut).toBe(6)
    const [first, second] = others as [Runner, Runner]
    hub.machine.host.send(first.self, note)
    hub.machine.host.send(first.self, { ...note })
    hub.machine.host.send(second.self, note)
    expect(encodeCount).toBe(5)
  })
})

describe('links between nodes', () => {
  it('are made anew after the connection was lost', async () => {
    const { nodeA, nodeB, a, b } = await connectedPair()
    await nodeA.hangUp(nodeB.peerId)
    await until(() => a.machine.calls.includes(`-${b.self}`) && b.machine.calls.includes(`-${a.self}`))
    a.machine.write(b.self, 'hello again')
    await until(() => b.machine.noteCount === 1)
    expect(a.machine.calls.filter((call) => call === `+${b.self}`)).toHaveLength(2)
    expect(a.neighbors).toEqual([b.self])
  })

  it('begin anew when the peer opens a second stream', async () => {
    const { nodeA, nodeB, a, b } = await connectedPair()
    const stream = await nodeA.dialProtocol(nodeB.peerId, notes.id)
    await until(() => b.machine.calls.filter((call) => call === `+${a.self}`).length === 2)
    expect(b.machine.calls).toEqual(['start', `+${a.self}`, `-${a.self}`, `+${a.self}`])
    stream.send(framedNote('on the second'))
    await until(() => b.machine.noteCount === 1)
  })

  it('say what was sent before goodbye', async () => {
    const { a, b } = await connectedPair()
    for (let i = 0; i < 50; i++) a.machine.write(b.self, 'last words')
    a.machine.host.disconnect(b.self)
    await until(() => b.machine.calls.includes(`-${a.self}`))
    expect(b.machine.noteCount).toBe(50)
  })

  it('use the first address that works, and learn it for others', async () => {
    const { nodeB, a, b } = await connectedPair()
    const [known] = a.commons.addressBook.addressesOf(b.self)
    expect(nodeB.getMultiaddrs().map(String)).toContain(String(known))
  })

  it('hold the connection with a tag as long as they last', async () => {
    const { nodeA, nodeB, a, b } = await connectedPair()
    const tags = async () => [...(await nodeA.peerStore.get(nodeB.peerId)).tags.keys()]
    expect(await tags()).toEqual(['keep-alive-servent'])
    a.machine.host.disconnect(b.self)
    await until(() => a.machine.calls.includes(`-${b.self}`))
    expect(await tags()).toEqual([])
  })
})

describe('a runner', () => {
  it('answers a dial that fails with the reason counted, and backs off', async () => {
    const [, a] = await started()
    const [nodeC, c] = await started()
    for (const ma of nodeC.getMultiaddrs()) a.commons.addressBook.learn(c.self, ma, true)
    await c.stop()
    a.machine.write(c.self, 'into the void')
    await until(() => a.drops.get('unsupported') === 1)
    await nodeC.stop()
    a.machine.host.connect(c.self)
    await until(() => a.drops.get('dial-failed') === 1)
    a.machine.host.connect(c.self)
    await until(() => a.drops.get('backing-off') === 1)
    expect(a.machine.calls.filter((call) => call === `-${c.self}`)).toHaveLength(2)
  })

  it('does not dial itself or what is no peer', async () => {
    const [, a] = await started()
    a.machine.host.connect(a.self)
    a.machine.host.connect(toPeer('nonsense'))
    a.machine.write(a.self, 'note to self')
    await until(() => a.machine.calls.length === 3)
    expect(a.machine.calls).toEqual(['start', `-${a.self}`, '-nonsense'])
    expect(Object.fromEntries(a.drops)).toEqual({ self: 2, 'unreachable:Note': 1, 'dial-failed': 1 })
  })

  it('starts a new machine after it was stopped', async () => {
    const { a, b } = await connectedPair()
    const first = b.machine
    await b.stop()
    await until(() => a.machine.calls.includes(`-${b.self}`))
    await b.start()
    a.machine.write(b.self, 'good morning')
    await until(() => b.machine.noteCount === 1)
    expect(b.machine).not.toBe(first)
    expect(first.calls).toEqual(['start', `+${a.self}`, 'stop'])
  })

  it('survives a listener that throws', async () => {
    const [, a] = await started()
    const node = await makeNode()
    const b = runProtocol(
      node,
      notes,
      {},
      {
        onEvent: () => {
          throw new Error('a bug of the application')
        },
      }
    )
    await b.start()
    cleanups.push(async () => {
      await b.stop()
      await node.stop()
    })
    for (const ma of node.getMultiaddrs()) a.commons.addressBook.learn(b.self, ma, true)
    a.machine.write(b.self, 'one')
    a.machine.write(b.self, 'two')
    await until(() => b.drops.get('listener-error') === 2)
    expect(b.neighbors).toEqual([a.self])
  })

  it('counts a link that the other end refuses', async () => {
    const { nodeA, nodeB, a, b } = await connectedPair()
    a.machine.host.disconnect(b.self)
    await until(() => b.machine.calls.includes(`-${a.self}`))
    b.commons.discouraged.add(a.self)
    a.machine.host.connect(b.self)
    await until(() => a.drops.get('refused') === 1)
    await until(() => nodeA.getConnections(nodeB.peerId).length === 0)
    expect(b.drops.get('discouraged')).toBe(1)
  })

  it('leaves a protocol alone that the node runs already', async () => {
    const [node, a] = await started()
    const second = runProtocol(node, notes)
    await expect(second.start()).rejects.toThrow('already registered')
    expect(second.machine.calls).toEqual(['start', 'stop'])
    expect(second.isStarted).toBe(false)
    expect(node.getProtocols()).toContain(notes.id)
    expect(a.isStarted).toBe(true)
    expect(commonsOf(node)).toBe(second.commons)
  })
})
