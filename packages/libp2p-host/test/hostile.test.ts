import type { Libp2p, Stream } from '@libp2p/interface'
import { type Peer, toPeer } from '@servent/machine'
import { afterEach, describe, expect, it } from 'vitest'
import { Commons, type Limits, type ProtocolRunner, runProtocol } from '../src/index.ts'
import { makeNode, until } from '../src/testing/index.ts'
import { framedNote, type NoteEvent, type NoteTaker, notes } from './notes.ts'

/** A victim with a clock of its own, an honest neighbor, and someone who speaks libp2p and then misbehaves. */
interface Stage {
  readonly victim: ProtocolRunner<NoteTaker>
  readonly victimNode: Libp2p
  readonly honest: ProtocolRunner<NoteTaker>
  readonly badboy: Libp2p
  readonly badboyPeer: Peer
  readonly pongs: readonly NoteEvent[]
  pass(ms: number): void
  /** A raw stream from the badboy to the victim. */
  attack(): Promise<Stream>
  /** The honest neighbor asks the victim and gets its answer. */
  isServed(): Promise<void>
}

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
})

async function stage(limits: Partial<Limits> = {}): Promise<Stage> {
  const [victimNode, honestNode, badboy] = await Promise.all([makeNode(), makeNode(), makeNode()])
  let clock = 0
  const commons = new Commons(victimNode, { clock: () => clock })
  const victim = runProtocol(
    victimNode,
    notes,
    {},
    {
      commons,
      limits: { closeTimeoutMs: 100, ...limits },
      dropPriority: ({ type }) => +(type === 'Note'),
    }
  )
  const pongs: NoteEvent[] = []
  const honest = runProtocol(honestNode, notes, {}, { onEvent: (event) => pongs.push(event) })
  await Promise.all([victim.start(), honest.start()])
  cleanups.push(async () => {
    await Promise.all([victim.stop(), honest.stop()])
    await Promise.all([victimNode, honestNode, badboy].map((node) => node.stop()))
  })
  for (const ma of victimNode.getMultiaddrs()) honest.commons.addressBook.learn(victim.self, ma, true)
  return {
    victim,
    victimNode,
    honest,
    badboy,
    badboyPeer: toPeer(badboy.peerId.toString()),
    pongs,
    pass: (ms) => {
      clock += ms
    },
    attack: () => badboy.dialProtocol(victimNode.getMultiaddrs(), notes.id, { maxOutboundStreams: 100, force: false }),
    async isServed() {
      const before = pongs.length
      honest.machine.write(victim.self, 'ping')
      await until(() => pongs.length > before, 'the answer to an honest peer')
    },
  }
}

function count(runner: ProtocolRunner<NoteTaker>, reason: string): number {
  return runner.drops.get(reason) ?? 0
}

describe('a peer that breaks the protocol', () => {
  const cases: [string, Uint8Array, string][] = [
    ['a length that is no varint', Uint8Array.of(255, 255, 255, 255, 255), 'bad-varint'],
    ['the length of a frame that is too long', Uint8Array.of(0x80, 0x80, 0x80, 0x01), 'frame-too-long'],
    ['an unknown message', Uint8Array.of(1, 9), 'bad-note'],
    ['an empty message', Uint8Array.of(0), 'bad-note'],
    ['what makes our codec fail', Uint8Array.of(1, 7), 'decode-error'],
    ['what makes our machine fail', framedNote('fault'), 'machine-error'],
  ]
  it.each(cases)('is disconnected and discouraged for %s', async (_, bytes, reason) => {
    const { victim, victimNode, badboy, badboyPeer, attack, isServed } = await stage()
    const stream = await attack()
    stream.send(framedNote('hello'))
    await until(() => victim.machine.noteCount === 1)
    stream.send(bytes)
    await until(() => count(victim, `breach:${reason}`) === 1, reason)
    await until(() => victim.machine.calls.includes(`-${badboyPeer}`))
    await until(() => victimNode.getConnections(badboy.peerId).length === 0, 'the end of the connection')
    expect(victim.commons.discouraged.has(badboyPeer)).toBe(true)
    await isServed()
    expect(victim.neighbors).toEqual([expect.stringContaining('12D3')])
  })

  it('is refused until its discouragement is over, and so are our dials', async () => {
    const { victim, badboyPeer, attack, pass } = await stage()
    ;(await attack()).send(Uint8Array.of(1, 9))
    await until(() => count(victim, 'breach:bad-note') === 1)
    victim.machine.host.connect(badboyPeer)
    await until(() => victim.machine.calls.filter((call) => call === `-${badboyPeer}`).length === 2)
    expect(count(victim, 'discouraged')).toBe(1)
    const again = await attack()
    await until(() => again.status !== 'open')
    expect(count(victim, 'discouraged')).toBe(2)
    pass(5 * 60_000)
    ;(await attack()).send(framedNote('sorry'))
    await until(() => victim.machine.noteCount === 1)
  })

  it('is disconnected when one frame takes too long, a byte at a time', async () => {
    const { victim, attack, pass, isServed } = await stage()
    const stream = await attack()
    const frame = framedNote('so slow that it never ends')
    for (const [at, byte] of frame.subarray(0, 8).entries()) {
      stream.send(Uint8Array.of(byte))
      pass(4_000)
      await isServed()
      expect(count(victim, 'breach:slow-frame'), `byte ${at}`).toBe(0)
    }
    pass(4_000)
    stream.send(frame.subarray(8, 9))
    await until(() => count(victim, 'breach:slow-frame') === 1)
    await isServed()
    expect(victim.neighbors).toHaveLength(1)
  })
})

describe('a peer that sends too much', () => {
  it('has its excess dropped, and is disconnected when it goes on for ten seconds', async () => {
    const { victim, attack, pass, isServed } = await stage()
    const stream = await attack()
    const thousand = new Uint8Array(1000 * framedNote('x').length)
    for (let i = 0; i < 1000; i++) thousand.set(framedNote('x'), i * framedNote('x').length)
    let sentCount = 0
    while (count(victim, 'breach:flood') === 0 && sentCount < 20_000) {
      stream.send(thousand)
      sentCount += 1000
      await until(
        () => victim.machine.noteCount + count(victim, 'rate') >= sentCount || !!count(victim, 'breach:flood')
      )
      if (sentCount === 5000) await isServed()
      pass(1000)
    }
    expect(sentCount).toBe(11_000)
    // What the bucket holds at first, and what comes back in ten seconds.
    expect(victim.machine.noteCount).toBeLessThanOrEqual(400 + 10 * 200 + 1)
    expect(count(victim, 'rate')).toBeGreaterThan(7000)
    await isServed()
  })

  it('has its excess dropped by bytes as well', async () => {
    const { victim, attack } = await stage({ bytesBurst: 100, bytesPerSecond: 10 })
    const stream = await attack()
    for (let i = 0; i < 5; i++) stream.send(framedNote('forty bytes of text, more or less of it'))
    await until(() => victim.machine.noteCount + count(victim, 'rate') === 5)
    expect(victim.machine.noteCount).toBe(2)
  })
})

describe('a peer that opens many streams', () => {
  it('holds one link, and is discouraged when it does not end', async () => {
    const { victim, victimNode, badboy, badboyPeer, attack, isServed } = await stage()
    await isServed()
    for (let i = 0; i < 50; i++) {
      await attack().then(
        (stream) => until(() => victim.neighbors.length === 2 || stream.status !== 'open'),
        () => undefined
      )
      expect(victim.neighbors.length).toBeLessThanOrEqual(2)
      if (victim.commons.discouraged.has(badboyPeer)) break
    }
    expect(count(victim, 'streams-excess')).toBe(32)
    expect(count(victim, 'breach:stream-flood')).toBe(1)
    await until(() => victimNode.getConnections(badboy.peerId).length === 0)
    await isServed()
    const told = victim.machine.calls.filter((call) => call.endsWith(badboyPeer as string))
    expect(told.at(-1)).toBe(`-${badboyPeer}`)
    expect(told.filter((call) => call.startsWith('+'))).toHaveLength(told.length / 2)
  })

  it('is refused when there are as many links as allowed', async () => {
    const { victim, honest, isServed, attack } = await stage({ linksMax: 1 })
    await isServed()
    const stream = await attack()
    await until(() => count(victim, 'links-full') === 1)
    await until(() => stream.status !== 'open')
    expect(victim.neighbors).toEqual([honest.self])
    await isServed()
  })
})

describe('a peer that does not read', () => {
  async function unread(limits: Partial<Limits>): Promise<Stage & { stream: Stream }> {
    const staged = await stage(limits)
    const stream = await staged.attack()
    stream.pause()
    stream.send(framedNote('hello'))
    await until(() => staged.victim.neighbors.length === 1)
    return { ...staged, stream }
  }

  it('has a bounded outbox from which the oldest of the least important goes first', async () => {
    const { victim, badboyPeer, isServed, stream } = await unread({})
    // The stream and the transport take up to two mebibytes.
    for (let i = 0; i < 600; i++) {
      victim.machine.bulk(badboyPeer, 8 << 10)
      if (i % 100 === 0) victim.machine.write(badboyPeer, `note ${i}`)
      if (i % 10 === 0) await isServed()
      expect(victim.outboxBytes).toBeLessThanOrEqual(256 << 10)
    }
    expect(count(victim, 'outbox-full:Bulk')).toBeGreaterThan(300)
    expect(count(victim, 'outbox-full:Note')).toBe(0)
    expect(victim.neighbors).toHaveLength(2)
    const chunks: Uint8Array[] = []
    stream.addEventListener('message', ({ data }) => chunks.push(data.subarray()))
    stream.resume()
    const text = (): string => chunks.map((chunk) => new TextDecoder().decode(chunk)).join('')
    await until(() => text().includes('note 500'), 'the last note')
    expect(text().match(/note \d+/g)).toEqual(['note 0', 'note 100', 'note 200', 'note 300', 'note 400', 'note 500'])
  })

  it('is disconnected when it takes nothing for too long', async () => {
    const { victim, badboyPeer, isServed } = await unread({ outboxStuckMs: 50 })
    for (let i = 0; i < 300 && victim.outboxBytes === 0; i++) {
      victim.machine.bulk(badboyPeer, 8 << 10)
      await isServed()
    }
    await until(() => count(victim, 'outbox-stuck') === 1)
    await until(() => victim.machine.calls.at(-1) === `-${badboyPeer}`)
    expect(victim.outboxBytes).toBe(0)
    expect(count(victim, 'unsent')).toBeGreaterThan(0)
    await isServed()
  })
})
