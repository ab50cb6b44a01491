import { makeNode as makeLibp2pNode, peerOf, until } from '@servent/libp2p-host/testing'
import { Library } from '@servent/library'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NapsterEvent, NapsterHit } from '../src/index.ts'
import { IndexUnavailableError, type NapsterInit, napster, type SearchProgress } from '../src/libp2p.ts'

async function makeNode(init: NapsterInit = {}) {
  const node = await makeLibp2pNode({ napster: napster(init) })
  onTestFinished(() => node.stop())
  return node
}

type Node = Awaited<ReturnType<typeof makeNode>>

function sharing(...names: string[]): Library {
  const library = new Library()
  for (const [i, name] of names.entries()) {
    library.add({ name, size: 5_000_000_000, sha1: new Uint8Array(20).fill(i), cid: Uint8Array.of(1, 0x55, i) })
  }
  return library
}

/** Resolves with the first event of a type. */
async function next<Type extends NapsterEvent['type']>(node: Node, type: Type) {
  return new Promise<Extract<NapsterEvent, { type: Type }>>((resolve) => {
    const onEvent = (event: Event) => resolve((event as CustomEvent).detail)
    node.services.napster.addEventListener(type, onEvent, { once: true })
  })
}

/** An index server, and clients that are logged in there, one after the other. */
async function network(index: NapsterInit, ...clients: NapsterInit[]): Promise<[Node, ...Node[]]> {
  const server = await makeNode({ ...index, isIndex: true })
  const nodes = await Promise.all(clients.map((init) => makeNode(init)))
  for (const node of nodes) {
    await node.dial(server.getMultiaddrs())
    const login = next(node, 'login')
    node.services.napster.addIndex(peerOf(server))
    expect(await login).toMatchObject({ index: peerOf(server) })
  }
  return [server, ...nodes]
}

/** Resolves when the index has so many songs. */
async function indexed(server: Node, count: number): Promise<void> {
  await until(() => server.services.napster.server?.songCount === count, `${count} songs in the index`)
}

async function search(node: Node, words: string, options: Parameters<Node['services']['napster']['search']>[1] = {}) {
  const hits: NapsterHit[] = []
  for await (const hit of node.services.napster.search(words, options)) hits.push(hit)
  return hits
}

describe('Napster as a libp2p service', () => {
  it('finds what another client shares, and where it is, with one message out', async () => {
    const [server, asker, owner] = (await network({}, {}, { library: sharing('Jazz Piano.flac') })) as [
      Node,
      Node,
      Node,
    ]
    await indexed(server, 1)
    const progress: SearchProgress[] = []
    const hits = await search(asker, 'piano jazz', { onProgress: (each) => progress.push(each) })
    const found = { name: 'Jazz Piano.flac', size: 5_000_000_000, cid: Uint8Array.of(1, 0x55, 0), peer: peerOf(owner) }
    expect(hits).toMatchObject([found])
    expect(progress).toEqual([
      { messageCount: 1, hitCount: 0 },
      { messageCount: 2, hitCount: 1 },
      { messageCount: 3, hitCount: 1 },
    ])
    // The result told where its owner is: it can be dialed by its name alone.
    await asker.hangUp(owner.peerId)
    expect(await search(asker, '', { cid: Uint8Array.of(1, 0x55, 0) })).toMatchObject([found])
    expect(await search(asker, '', { sha1: new Uint8Array(20) })).toMatchObject([found])
    expect(await search(asker, 'jazz trio')).toEqual([])
  })

  it('lets whoever runs the index share and search in it', async () => {
    const [server, client] = (await network(
      { library: sharing('demo tune.mp3') },
      { library: sharing('my tune.mp3') }
    )) as [Node, Node]
    await indexed(server, 2)
    expect(await search(client, 'tune')).toMatchObject([{ name: 'demo tune.mp3', peer: peerOf(server) }])
    expect(await search(server, 'tune')).toMatchObject([{ name: 'my tune.mp3', peer: peerOf(client) }])
  })

  it('asks for a file, and for a push of one that cannot be connected to', async () => {
    const [server, asker, open, firewalled] = (await network(
      {},
      {},
      { library: sharing('open tune.mp3') },
      { library: sharing('closed tune.mp3'), port: 0 }
    )) as [Node, Node, Node, Node]
    await indexed(server, 2)
    const { client } = asker.services.napster
    const asked = next(open, 'upload-requested')
    const ready = next(asker, 'download-ready')
    client.get(open.services.napster.client.nick, 'open tune.mp3')
    expect(await asked).toMatchObject({ nick: client.nick, fileIndex: 1 })
    expect(await ready).toMatchObject({ peer: peerOf(open), isFirewalled: false })

    const closed = next(asker, 'download-ready')
    const pushed = next(firewalled, 'push-requested')
    const { nick } = firewalled.services.napster.client
    client.get(nick, 'closed tune.mp3')
    expect(await closed).toMatchObject({ isFirewalled: true })
    client.push(nick, 'closed tune.mp3')
    expect(await pushed).toMatchObject({ peer: peerOf(asker), fileIndex: 1 })

    const refused = next(asker, 'download-refused')
    client.get(nick, 'no such tune.mp3')
    expect(await refused).toMatchObject({ nick, sharedName: 'no such tune.mp3' })
  })

  it('answers as many searches at once as may be asked, each to its end', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `common tune ${i} with a name that is not short.mp3`)
    const [server, asker] = (await network({}, {}, { library: sharing(...names) })) as [Node, Node, Node]
    await indexed(server, 150)
    const searches = Array.from({ length: 16 }, () => search(asker, 'common tune'))
    expect((await Promise.all(searches)).map((hits) => hits.length)).toEqual(new Array(16).fill(100))
    for (const node of [server, asker]) expect([...node.services.napster.runner.drops.keys()]).toEqual([])
    await expect(Promise.all(Array.from({ length: 17 }, () => search(asker, 'common tune')))).rejects.toMatchObject({
      reason: 'too-many-requests',
    })
  })

  it('lists what a user shares', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `tune ${i}.mp3`)
    const [server, asker, owner] = (await network({}, {}, { library: sharing(...names) })) as [Node, Node, Node]
    await indexed(server, 40)
    const files: string[] = []
    for await (const { name } of asker.services.napster.browse(owner.services.napster.client.nick)) files.push(name)
    expect(files.sort()).toEqual(names.sort())
    for await (const _ of asker.services.napster.browse('nobody')) throw new Error('nobody shares nothing')
  })

  it('says that there is no index any more, at once', async () => {
    const [server, asker] = (await network({}, {})) as [Node, Node]
    const lost = next(asker, 'index-lost')
    await server.stop()
    expect(await lost).toEqual({ type: 'index-lost', index: peerOf(server) })
    expect(asker.services.napster.index).toBeUndefined()
    const late = search(asker, 'anything')
    await expect(late).rejects.toBeInstanceOf(IndexUnavailableError)
    await expect(late).rejects.toMatchObject({ reason: 'no-index' })
  })

  it('is told that a client is no index server', async () => {
    const [client, other] = await Promise.all([makeNode(), makeNode()])
    await client.dial(other.getMultiaddrs())
    const refused = next(client, 'login-refused')
    client.services.napster.addIndex(peerOf(other))
    expect(await refused).toMatchObject({ index: peerOf(other), text: 'this is no index server' })
  })

  it('throws the reason of a signal that fires, and ends its searches when the node stops', async () => {
    const [, asker] = (await network({}, {})) as [Node, Node]
    const aborted = new AbortController()
    const first = search(asker, 'anything', { signal: aborted.signal })
    aborted.abort(new Error('changed my mind'))
    await expect(first).rejects.toThrow('changed my mind')
    await expect(search(asker, 'anything', { signal: aborted.signal })).rejects.toThrow('changed my mind')
  })
})
