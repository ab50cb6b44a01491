// One leaf that floods its ultrapeer, over libp2p: what comes through, and what the others notice.

import type { Libp2p } from '@libp2p/interface'
import { Commons, type ProtocolRunner, runProtocol } from '@servent/libp2p-host'
import { makeNode, until } from '@servent/libp2p-host/testing'
import { Library } from '@servent/library'
import { afterEach, describe, expect, it } from 'vitest'
import { type GnutellaEvent, gnutella06, type HybridConfig, type HybridServent } from '../src/index.ts'

/** A servent and the node it runs on. */
interface Party {
  readonly node: Libp2p
  readonly runner: ProtocolRunner<HybridServent>
}

const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function makeStoppedNode() {
  const node = await makeNode()
  stops.push(async () => node.stop())
  return node
}

const ALONE = { neighborsTarget: 0, joinTtl: 0 } as const

/** @param clock - in milliseconds: it moves when the test moves it */
async function makeUltrapeer(clock: () => number): Promise<Party> {
  const node = await makeStoppedNode()
  const commons = new Commons(node, { clock })
  const runner = runProtocol(node, gnutella06, { ...ALONE, role: 'ultrapeer' }, { commons })
  await runner.start()
  stops.push(() => runner.stop())
  return { node, runner }
}

async function makeLeaf(
  ultrapeer: Party,
  name: string,
  config: Partial<HybridConfig> = {},
  onEvent: (event: GnutellaEvent) => void = () => undefined
): Promise<Party> {
  const node = await makeStoppedNode()
  await node.dial(ultrapeer.node.getMultiaddrs())
  const runner = runProtocol(node, gnutella06, { ...ALONE, role: 'leaf', ...config }, { onEvent })
  await runner.start()
  stops.push(() => runner.stop())
  runner.machine.connect(ultrapeer.runner.self)
  await until(() => ultrapeer.runner.machine.leaves.includes(runner.self), `${name} as a leaf`)
  return { node, runner }
}

describe('a leaf that sends 1,000 queries in a second', () => {
  it('gets as many through as anybody may, and is hung up on; the others search on', async () => {
    let clock = 0
    const ultrapeer = await makeUltrapeer(() => clock)
    const { machine } = ultrapeer.runner
    const library = new Library()
    library.add({ name: 'jazz piano.flac', size: 1, sha1: undefined, cid: undefined })
    let askedCount = 0
    await makeLeaf(ultrapeer, 'owner', { library, tellQueries: true }, ({ type }) => {
      if (type === 'query-seen') askedCount++
    })
    await until(() => machine.tableFill > 0, 'the table of the owner')
    const hits: GnutellaEvent[] = []
    const asker = await makeLeaf(ultrapeer, 'asker', {}, (event) => {
      if (event.type === 'query-hit') hits.push(event)
    })
    const downs: GnutellaEvent[] = []
    // It heeds no limit of its own.
    const rude = await makeLeaf(ultrapeer, 'rude', { queryIntervalMs: 0 }, (event) => {
      if (event.type === 'neighbor-down') downs.push(event)
    })

    for (let i = 0; i < 1000; i++) {
      rude.runner.machine.query('jazz piano')
      if (i % 100 !== 0) continue
      // A tenth of a second, in which what was sent arrives.
      clock += 100
      const heard = asker.runner.machine.query('piano')
      await until(() => hits.some((hit) => hit.type === 'query-hit' && hit.guid === heard), `the answer at ${clock} ms`)
    }

    await until(() => downs.length === 1, 'the end of the link')
    expect(machine.leaves).not.toContain(rude.runner.self)
    expect(machine.leaves).toContain(asker.runner.self)
    const { queryBurst, queryIntervalMs } = gnutella06.defaults
    const allowed = queryBurst + Math.ceil(clock / queryIntervalMs)
    expect(askedCount - hits.length).toBeLessThanOrEqual(allowed)
    expect(machine.drops['query-limit']).toBeGreaterThan(0)
    expect(ultrapeer.runner.outboxBytes).toBe(0)
  })
})
