import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { EventTypes, type QueryEvent } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { AddressBook } from '@servent/libp2p-host'
import { RECORD_LIMITS } from '@servent/records'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { type KademliaCalls, KademliaOverlay, kademliaInit } from '../src/overlays/kademlia-overlay.ts'
import type { Way } from '../src/overlays/lookup-overlay.ts'

/** Ours: what the overlay keeps of one question. */
const PEERS_MAX = 64

const cid = CID.createV1(raw.code, createDigest(0x12, new Uint8Array(32)))
const path = { index: 0, queued: 0, running: 0, total: 0 }
const { signal } = new AbortController()

/** Kademlia whose every query tells the same. */
function overlayThatTells(events: readonly QueryEvent[], fault?: Error) {
  async function* query(): AsyncGenerator<QueryEvent> {
    yield* events
    if (fault !== undefined) throw fault
  }
  const dht: KademliaCalls = {
    provide: query,
    findProviders: query,
    put: query,
    get: query,
    cancelReprovide: () => Promise.resolve(),
  }
  return new KademliaOverlay(dht, 'me', { addressBook: new AddressBook() })
}

async function peerIds(count: number): Promise<PeerId[]> {
  const keys = await Promise.all(Array.from({ length: count }, () => generateKeyPair('Ed25519')))
  return keys.map((key) => peerIdFromPrivateKey(key))
}

function providerEvent(from: PeerId, providers: readonly PeerId[]): QueryEvent {
  const infos = providers.map((id) => ({ id, multiaddrs: [] }))
  return { type: EventTypes.PROVIDER, name: 'PROVIDER', from, providers: infos, path }
}

function responseEvent(from: PeerId): QueryEvent {
  const name = { name: 'PEER_RESPONSE', messageName: 'GET_PROVIDERS', messageType: 'GET_PROVIDERS' } as const
  return { type: EventTypes.PEER_RESPONSE, ...name, from, closer: [], providers: [], path } as unknown as QueryEvent
}

describe('Kademlia among liars', () => {
  it('takes each provider once, and no more than there is use for', async () => {
    const peers = await peerIds(200)
    const [from] = peers as [PeerId, ...PeerId[]]
    const found: string[] = []
    const overlay = overlayThatTells([providerEvent(from, [from, from]), providerEvent(from, peers)])
    await overlay.findProviders(cid, { onProvider: (peer) => found.push(peer), onWay: () => undefined }, signal)
    expect(found).toHaveLength(PEERS_MAX)
    expect(new Set(found).size).toBe(PEERS_MAX)
  })

  it('keeps a way of so many peers, however many it is sent through', async () => {
    let last: Way | undefined
    const overlay = overlayThatTells((await peerIds(200)).map(responseEvent))
    await overlay.findProviders(cid, { onProvider: () => undefined, onWay: (way) => (last = way) }, signal)
    expect(last?.path).toHaveLength(PEERS_MAX)
  })

  it('keeps no value that is larger than a value may be, whoever stores it', async () => {
    const value = new Uint8Array(RECORD_LIMITS.valueBytesMax + 1)
    const key = new TextEncoder().encode('/servent/')
    expect(() => kademliaInit.validators?.servent?.(key, value)).toThrow('larger')
    await expect(overlayThatTells([]).put(value, signal)).rejects.toMatchObject({ name: 'LookupError' })
  })
})

describe('a request to Kademlia', () => {
  it('says so when there is nobody, or nothing', async () => {
    const overlay = overlayThatTells([])
    await expect(overlay.provide(cid, signal)).rejects.toThrow('knows nobody else yet')
    await expect(overlay.get(new Uint8Array(20), signal)).rejects.toMatchObject({ isNotFound: true })
  })

  it('that was cut short says why, not that there is nothing', async () => {
    const overlay = overlayThatTells([])
    const aborted = AbortSignal.abort(new Error('cancelled'))
    await expect(overlay.provide(cid, aborted)).rejects.toThrow('cancelled')
    await expect(overlay.put(new Uint8Array(1), aborted)).rejects.toThrow('cancelled')
    await expect(overlay.get(new Uint8Array(20), aborted)).rejects.toThrow('cancelled')
  })

  it('gives the value that it has found, though somebody refused to be corrected afterwards', async () => {
    const [from] = (await peerIds(1)) as [PeerId]
    const value: QueryEvent = { type: EventTypes.VALUE, name: 'VALUE', value: Uint8Array.of(7), from, path }
    const found = await overlayThatTells([value], new Error('refused')).get(new Uint8Array(20), signal)
    expect(found.value).toEqual(Uint8Array.of(7))
    await expect(overlayThatTells([], new Error('broken')).get(new Uint8Array(20), signal)).rejects.toThrow('broken')
  })
})
