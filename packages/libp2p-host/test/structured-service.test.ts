import type { AbortOptions } from '@libp2p/interface'
import { type Key, keyFromBytes } from '@servent/keyspace'
import { type Host, type Peer, type Protocol, ProtocolError } from '@servent/machine'
import {
  hashedValue,
  nameOf,
  RecordStore,
  type RequestId,
  type StructuredEvent,
  type StructuredMachine,
  type ValueRecord,
} from '@servent/records'
import { lengthPrefixed } from '@servent/wire'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterEach, describe, expect, it } from 'vitest'
import { OverlayRequestError, StructuredService, UnsupportedKeyError } from '../src/index.ts'
import { makeNode } from '../src/testing/index.ts'

type Message = { readonly type: 'Nothing' }

const nothing = (): void => undefined

/** The smallest structured overlay: one node that is responsible for everything and answers after a moment. */
class Alone implements StructuredMachine<Message> {
  readonly isJoined = true
  readonly neighbors: readonly Peer[] = []
  readonly drops = {}
  readonly #host: Host<Message, StructuredEvent>
  readonly #store = new RecordStore()
  readonly #events: StructuredEvent[] = []
  #serial = 0

  constructor(host: Host<Message, StructuredEvent>) {
    this.#host = host
  }

  lookup(key: Key): RequestId {
    return this.#answer((went) => ({ type: 'lookup-done', ...went, key, responsible: this.#host.self }), key)
  }

  put(record: ValueRecord): RequestId {
    const refusal = this.#store.put(record, this.#host.self, this.#host.now())
    return this.#answer(
      (went) =>
        refusal === undefined
          ? { type: 'put-done', ...went, replicas: 1 }
          : { type: 'put-failed', id: went.id, key: record.key, reason: refusal },
      record.key
    )
  }

  get(key: Key): RequestId {
    const value = this.#store.value(key, this.#host.now())
    return this.#answer(
      (went) =>
        value === undefined
          ? { type: 'get-failed', id: went.id, key, reason: 'not-found' }
          : { type: 'get-done', ...went, values: [value] },
      key
    )
  }

  provide(key: Key): RequestId {
    const peer = this.#host.self
    this.#store.put({ type: 'provider', key, peer, ttlMs: 60_000 }, peer, this.#host.now())
    return this.#answer((went) => ({ type: 'put-done', ...went, replicas: 1 }), key)
  }

  findProviders(key: Key): RequestId {
    const found = this.#store.providers(key, this.#host.now())
    const id = this.#serial + 1
    for (const { peer } of found) this.#events.push({ type: 'provider-found', id, key, peer })
    return this.#answer((went) => ({ type: 'find-done', ...went, count: found.length }), key)
  }

  onTimer(): void {
    for (const event of this.#events.splice(0)) this.#host.emit(event)
  }

  stopProviding = nothing
  addContact = nothing
  leave = nothing
  start = nothing
  stop = nothing
  onMessage = nothing
  onPeerConnected = nothing
  onPeerDisconnected = nothing

  #answer(
    make: (went: {
      readonly id: RequestId
      readonly key: Key
      readonly path: readonly Peer[]
      readonly timeouts: number
      readonly startedAt: number
    }) => StructuredEvent,
    key: Key
  ): RequestId {
    const id = ++this.#serial
    this.#events.push(make({ id, key, path: [this.#host.self], timeouts: 0, startedAt: this.#host.now() }))
    this.#host.setTimer(1, 5)
    return id
  }
}

const alone: Protocol<Message, StructuredEvent, object, Alone> = {
  id: '/servent/alone/1.0.0',
  framing: lengthPrefixed(1),
  codec: {
    encode: () => new Uint8Array(0),
    decode: () => {
      throw new ProtocolError('nothing')
    },
    size: () => 0,
  },
  defaults: {},
  create: (host) => new Alone(host),
}

const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function start() {
  const node = await makeNode({
    alone: (components: ConstructorParameters<typeof StructuredService>[0]) =>
      new StructuredService(components, alone, {}),
  })
  stops.push(async () => node.stop())
  return node
}

const VALUE = Uint8Array.of(1, 2, 3)

describe('a structured overlay as a libp2p service', () => {
  it('provides contents and finds who does, by their multihash', async () => {
    const node = await start()
    const digest = await sha256.digest(VALUE)
    await node.contentRouting.provide(CID.createV1(0x55, digest))
    const providers: string[] = []
    // Another codec, the same content.
    for await (const { id, routing } of node.contentRouting.findProviders(CID.createV1(0x70, digest))) {
      providers.push(`${routing}: ${id}`)
    }
    expect(providers).toEqual([`alone: ${node.peerId}`])
  })

  it('keeps a value under its own hash, in each of its forms, and nothing else', async () => {
    const node = await start()
    const { alone: service } = node.services
    const { bytes, digest } = await sha256.digest(VALUE)
    await service.put(bytes, VALUE)
    expect(await node.contentRouting.get(bytes)).toEqual(VALUE)
    expect(await service.get(digest)).toEqual(VALUE)
    expect(await service.get(digest.slice(0, 20))).toEqual(VALUE)
    await expect(service.put(digest, Uint8Array.of(4))).rejects.toBeInstanceOf(UnsupportedKeyError)
    await expect(service.put(new TextEncoder().encode('/ns/name'), VALUE)).rejects.toBeInstanceOf(UnsupportedKeyError)
    await expect(service.get(identity.digest(VALUE).bytes)).rejects.toBeInstanceOf(UnsupportedKeyError)
  })

  it('says why, when nothing is found or a record is refused', async () => {
    const { services } = await start()
    const record = hashedValue(VALUE, 60_000)
    await expect(services.alone.getRecords(record.key)).rejects.toEqual(new OverlayRequestError('not-found'))
    const forged = { ...record, value: Uint8Array.of(9) }
    await expect(services.alone.putRecord(forged)).rejects.toMatchObject({ reason: 'bad-hash' })
  })

  it('finds the peer that a key belongs to, and tells each step', async () => {
    const node = await start()
    const steps: string[] = []
    const key = keyFromBytes((await sha256.digest(VALUE)).digest)
    const { responsible, path } = await node.services.alone.lookup(key, {
      onProgress: ({ type, detail }) =>
        steps.push(`${type}: ${detail.type} ${'key' in detail ? nameOf(detail.key) === nameOf(key) : ''}`),
    })
    expect([responsible, ...path]).toEqual([node.peerId.toString(), node.peerId.toString()])
    expect(steps).toEqual(['servent:lookup: lookup-done true'])
    const closest: string[] = []
    for await (const { id } of node.peerRouting.getClosestPeers(VALUE)) closest.push(id.toString())
    expect(closest).toEqual([])
    for await (const { id } of node.services.alone.getClosestPeers(VALUE)) closest.push(id.toString())
    expect(closest).toEqual([node.peerId.toString()])
  })

  it('ends what is under way when it is told to, or stops', async () => {
    const node = await start()
    const { alone: service } = node.services
    const key = hashedValue(VALUE, 1).key
    const gone: AbortOptions = { signal: AbortSignal.abort(new Error('gone before')) }
    await expect(service.lookup(key, gone)).rejects.toThrow('gone before')
    const aborted = new AbortController()
    const requests = [service.lookup(key, { signal: aborted.signal }), service.lookup(key)] as const
    aborted.abort(new Error('changed my mind'))
    await expect(requests[0]).rejects.toThrow('changed my mind')
    const [ended] = await Promise.allSettled([requests[1], node.stop()])
    expect(ended).toMatchObject({ status: 'rejected', reason: { name: 'NotStartedError' } })
    await expect(service.lookup(key)).rejects.toMatchObject({ name: 'NotStartedError' })
  })
})
