import { makeNode as makeLibp2pNode, peerOf, until } from '@servent/libp2p-host/testing'
import { Library } from '@servent/library'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PushRequested, QueryHitEvent } from '../src/index.ts'
import { type GnutellaInit, gnutella, type SearchProgress } from '../src/libp2p.ts'

async function makeNode(init: GnutellaInit = {}) {
  const node = await makeLibp2pNode({ gnutella: gnutella({ joinTtl: 0, ...init }) })
  onTestFinished(() => node.stop())
  return node
}

type Node = Awaited<ReturnType<typeof makeNode>>

function sharing(...names: string[]): Library {
  const library = new Library()
  for (const name of names) library.add({ name, size: 5_000_000_000, sha1: undefined, cid: undefined })
  return library
}

/** Resolves with the first event of a type. */
async function next<Type extends 'neighbor-up' | 'push-requested'>(node: Node, type: Type) {
  return new Promise<CustomEvent>((resolve) => node.services.gnutella.addEventListener(type, resolve, { once: true }))
}

/** Two leaves of one ultrapeer, which knows what the second shares. */
async function leaves(library: Library): Promise<[asker: Node, owner: Node]> {
  const ultrapeer = await makeNode({ role: 'ultrapeer' })
  const nodes = [await makeNode({ role: 'leaf' }), await makeNode({ role: 'leaf', library })] as [Node, Node]
  for (const node of nodes) {
    const isUp = Promise.all([next(ultrapeer, 'neighbor-up'), next(node, 'neighbor-up')])
    await node.dial(ultrapeer.getMultiaddrs())
    await isUp
  }
  await until(() => ultrapeer.services.gnutella.machine.tableFill > 0, 'the table of the owner')
  return nodes
}

describe('Gnutella as a libp2p service', () => {
  it('finds by its words what a neighbor of a neighbor shares, and who has it', async () => {
    const [asker, owner] = await leaves(sharing('Jazz Piano.flac'))
    const progress: SearchProgress[] = []
    const hits: QueryHitEvent[] = []
    const options = { onProgress: (each: SearchProgress) => progress.push(each), waitMs: 60_000 }
    for await (const hit of asker.services.gnutella.search('piano jazz', options)) {
      hits.push(hit)
      break
    }
    expect(hits).toMatchObject([{ name: 'Jazz Piano.flac', size: 5_000_000_000, hops: 2, peer: peerOf(owner) }])
    expect(progress).toEqual([
      { neighborCount: 1, hitCount: 0 },
      { neighborCount: 1, hitCount: 1 },
    ])
  })

  it('asks who answered to connect back', async () => {
    const [asker, owner] = await leaves(sharing('one.txt'))
    for await (const hit of asker.services.gnutella.search('one', { waitMs: 60_000 })) {
      const requested = next(owner, 'push-requested')
      expect(asker.services.gnutella.push(hit)).toBe(true)
      const { detail } = (await requested) as CustomEvent<PushRequested>
      expect(detail).toMatchObject({ peer: peerOf(asker), index: hit.index })
      break
    }
    // Nobody who answered: there is no way to it.
    const { serventId } = asker.services.gnutella.machine
    expect(asker.services.gnutella.push({ serventId, index: 1 })).toBe(false)
  })

  it('makes neighbors of connected peers that speak Gnutella, by itself', async () => {
    const [a, b] = await Promise.all([makeNode(), makeNode()])
    const isUp = Promise.all([next(a, 'neighbor-up'), next(b, 'neighbor-up')])
    await a.dial(b.getMultiaddrs())
    await isUp
    expect(a.services.gnutella.neighbors).toEqual([peerOf(b)])
    expect(b.services.gnutella.neighbors).toEqual([peerOf(a)])
  })

  it('ends a search when its time is over', async () => {
    const node = await makeNode()
    const search = node.services.gnutella.search('nothing here', { waitMs: 1 })
    expect(await search.next()).toEqual({ done: true, value: undefined })
  })

  it('throws the reason of a signal that fires', async () => {
    const node = await makeNode()
    const aborted = new AbortController()
    const search = node.services.gnutella.search('nothing here', { signal: aborted.signal })
    const first = search.next()
    aborted.abort(new Error('changed my mind'))
    await expect(first).rejects.toThrow('changed my mind')
    const late = node.services.gnutella.search('nothing here', { signal: aborted.signal })
    await expect(late.next()).rejects.toThrow('changed my mind')
  })

  it('ends its searches when the node stops', async () => {
    const node = await makeNode()
    const first = node.services.gnutella.search('nothing here', { waitMs: 60_000 }).next()
    await node.stop()
    expect(await first).toEqual({ done: true, value: undefined })
  })
})
