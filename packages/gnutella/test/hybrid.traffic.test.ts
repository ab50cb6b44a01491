// What flows between servents of 0.6, one of them on a recording host at a time.
import { type Peer, toPeer } from '@servent/machine'
import { testKeyOf } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import {
  type Guid,
  type HybridConfig,
  type Message,
  type QrpPatch,
  type QrpReset,
  type Query,
  type QueryHit,
  serventIdOf,
} from '../src/index.ts'
import { patchesFor } from '../src/v06/qrp-patches.ts'
import { QueryRouteTable } from '../src/v06/query-route-table.ts'
import { dialIn, modern, own, patches, request, response, rig, tell } from './hybrid-unit.ts'
import { guidOf, hit, P1, P2, P3, ping, query, share, verbatim } from './rig.ts'

const P4 = toPeer(4)

describe('0.6, query routing', () => {
  it('a leaf tells its ultrapeers what it shares, and then what has changed', () => {
    const it = rig({ maintenanceIntervalMs: 5000 })
    share(it.library, 'alpha song')
    it.servent.adopt(P1, 'ultrapeer')
    it.servent.onTimer(4, 0)
    expect(it.words()).toEqual(['1 QrpReset', '1 QrpPatch'])
    share(it.library, 'bravo')
    it.host.clock = 5000
    it.servent.onTimer(1, 0)
    it.servent.onTimer(4, 0)
    expect(it.words().filter((word) => word.includes('Qrp'))).toEqual([])
    it.host.clock = 10_000
    it.servent.onTimer(4, 0)
    expect(it.words()).toEqual(['1 QrpPatch'])
  })

  it('an ultrapeer tells other ultrapeers what it shares and its leaves do, and leaves nothing', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'leaf' })
    tell(it.servent, P2, ['alpha'])
    it.host.clock = 1000
    it.servent.onTimer(4, 0)
    const messages = it.sent()
    expect(messages.map(({ to, message }) => `${to} ${message.type}`)).toEqual(['1 QrpReset', '1 QrpPatch'])
    const receiving = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'ultrapeer' })
    for (const { message } of messages) receiving.servent.onMessage(P1, message)
    receiving.servent.onMessage(P2, query({ ttl: 2, criteria: 'alpha' }))
    receiving.servent.onMessage(P2, query({ ttl: 2, criteria: 'other', guid: guidOf(5) }))
    expect(receiving.words()).toEqual(['1 Query'])
  })

  it('sends a leaf only what its table matches, whatever the TTL, and nothing without a table', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'leaf', 3: 'leaf', 4: 'ultrapeer' })
    tell(it.servent, P2, ['alpha'])
    it.servent.onMessage(P1, query({ ttl: 1, hops: 2 }))
    const [only, ...more] = it.sent()
    expect(more).toEqual([])
    expect(only).toMatchObject({ to: P2, message: { ttl: 1, hops: 3 } })
  })

  it('takes a leaf that claims everything for one without a table', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'leaf' })
    const map = new Uint32Array(2048).fill(0xffffffff)
    const full = QueryRouteTable.ofMap(map, 65_536)
    for (const message of patchesFor(undefined, full, { guid: guidOf(9), bytesMax: 4096 }))
      it.servent.onMessage(P2, message)
    it.servent.onMessage(P1, query({ ttl: 1, hops: 2 }))
    expect(it.sent()).toEqual([])
    expect(it.servent.drops).toEqual({ 'table-too-full': 1 })
    expect(it.servent.tableFill).toBe(0)
  })

  it('says Bye 413 to a PATCH before a RESET, a wrong sequence, and more tables than an honest neighbor has', () => {
    const [reset, patch] = patches(['alpha']) as [QrpReset, QrpPatch]
    const bye = (...messages: Message[]) => {
      const it = rig({ role: 'ultrapeer' }, { 2: 'leaf' })
      for (const message of messages) it.servent.onMessage(P2, message)
      expect(it.servent.leaves).toEqual([])
      return [it.sent().map(({ message }) => message.type === 'Bye' && message.code), Object.keys(it.servent.drops)]
    }
    expect(bye(patch)).toEqual([[413], ['qrp-no-reset']])
    expect(bye(reset, { ...patch, sequence: 2 })).toEqual([[413], ['qrp-wrong-sequence']])
    expect(bye({ ...reset, slots: 65_535 })).toEqual([[413], ['qrp-bad-length']])
    expect(bye(...new Array<Message>(20).fill(reset))).toEqual([[405], ['table-limit']])
  })
})

describe('0.6, queries', () => {
  it('a leaf asks all its ultrapeers, guided, and relays nothing', () => {
    const it = rig({}, { 1: 'ultrapeer', 2: 'ultrapeer' })
    it.servent.query('alpha')
    const asked = it.sent()
    expect(asked.map(({ to }) => to)).toEqual([P1, P2])
    for (const { message } of asked) expect(message).toMatchObject({ ttl: 3, hops: 0, minSpeed: 0x90 })
    it.servent.onMessage(P1, query())
    expect(it.sent()).toEqual([])
  })

  it('an ultrapeer ignores the TTL of a leaf and asks one ultrapeer after the other', () => {
    const links = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i + 1, 'ultrapeer' as const]))
    const it = rig({ role: 'ultrapeer' }, { ...links, 20: 'leaf', 21: 'leaf' })
    tell(it.servent, toPeer(21), ['alpha'])
    for (let peer = 1; peer <= 10; peer++) tell(it.servent, toPeer(peer), peer === 5 ? ['alpha'] : ['other'])
    it.effects()
    it.servent.onMessage(toPeer(20), query({ ttl: 7 }))
    const first = it.effects()
    const asked = first.flatMap((effect) =>
      effect.effect === 'send' && effect.message.type === 'Query' ? [effect] : []
    )
    expect(asked.map(({ to }) => to)).toContain(toPeer(21))
    const probes = asked.filter(({ to }) => to !== toPeer(21))
    expect(probes).toHaveLength(3)
    for (const { to, message } of probes) expect(message).toMatchObject({ ttl: to === toPeer(5) ? 1 : 2, hops: 1 })
    expect(it.servent.searchCount).toBe(1)
    const timer = first.findLast((effect) => effect.effect === 'setTimer')
    if (timer?.effect !== 'setTimer') throw new TypeError('no timer is set')
    it.host.clock += timer.delayMs
    it.servent.onTimer(timer.timer, timer.arg)
    expect(it.words().filter((word) => word.endsWith('Query'))).toHaveLength(1)
    // Fifty results are enough for a leaf.
    const results = Array.from({ length: 50 }, (_, index) => ({ ...hit().results[0], index })) as QueryHit['results']
    it.servent.onMessage(P1, own(toPeer(30), { results, hops: 1 }))
    expect(it.words()).toEqual(['20 QueryHit'])
    expect(it.servent.searchCount).toBe(0)
  })

  it('a leaf whose table comes while a search is under way is asked, too, but not its own', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'leaf', 3: 'leaf' })
    it.servent.onMessage(P2, query())
    it.sent()
    tell(it.servent, P3, ['alpha'])
    tell(it.servent, P2, ['alpha'])
    expect(it.sent()).toMatchObject([{ to: P3, message: { type: 'Query', ttl: 1, hops: 1 } }])
  })

  it('a leaf says how many results it has, and that it wants no more', () => {
    const it = rig({}, { 1: 'ultrapeer' })
    const guid = it.servent.query('alpha')
    const status = { type: 'QueryStatusRequest', guid, ttl: 1, hops: 0 } as const
    const supported = [{ vendor: 'BEAR', selector: 11, version: 1 }]
    it.servent.onMessage(P1, { type: 'MessagesSupported', guid: guidOf(3), ttl: 1, hops: 0, supported })
    it.servent.onMessage(P1, own(toPeer(30), { guid }))
    it.sent()
    it.servent.onMessage(P1, status)
    it.servent.forget(guid)
    const answers = it.sent().map(({ message }) => message.type === 'QueryStatusResponse' && message.hitCount)
    expect(answers).toEqual([1, 0xffff])
  })

  it('an ultrapeer ends a search of which its leaf has enough, and those of a leaf that goes', () => {
    const links = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i + 1, 'ultrapeer' as const]))
    const it = rig({ role: 'ultrapeer' }, { ...links, 20: 'leaf' })
    const leaf = toPeer(20)
    it.servent.onMessage(leaf, query())
    it.servent.onMessage(leaf, query({ guid: guidOf(7) }))
    expect(it.servent.searchCount).toBe(2)
    const guid = guidOf(7)
    const stop = { type: 'QueryStatusResponse', guid, ttl: 1, hops: 0, hitCount: 0xffff } as const
    it.servent.onMessage(P1, stop)
    expect(it.servent.searchCount).toBe(2)
    it.servent.onMessage(leaf, stop)
    expect(it.servent.searchCount).toBe(1)
    it.servent.onPeerDisconnected(leaf)
    expect(it.servent.searchCount).toBe(0)
  })

  it('sends no query with as many hops as a neighbor wants none of', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'ultrapeer', 3: 'ultrapeer' })
    it.servent.onMessage(P2, { type: 'HopsFlow', guid: guidOf(3), ttl: 1, hops: 0, hopsMax: 2 })
    it.servent.onMessage(P1, query({ ttl: 3, hops: 0 }))
    it.servent.onMessage(P1, query({ ttl: 3, hops: 1, guid: guidOf(4) }))
    expect(it.words()).toEqual(['2 Query', '3 Query', '3 Query'])
  })

  it('tells a leaf that asks too much to be quiet, lets it ask again later, and counts what it drops', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'leaf' })
    const supported = [{ vendor: 'BEAR', selector: 4, version: 1 }]
    it.servent.onMessage(P1, { type: 'MessagesSupported', guid: guidOf(3), ttl: 1, hops: 0, supported })
    for (let i = 0; i < 30; i++) it.servent.onMessage(P1, query({ guid: `${i}`.padEnd(16) as Guid }))
    const flow = () => it.sent().flatMap(({ message }) => (message.type === 'HopsFlow' ? [message.hopsMax] : []))
    expect(flow()).toEqual([0])
    expect(it.servent.drops['query-limit']).toBe(20)
    it.host.clock = 16_000
    it.servent.onTimer(1, 0)
    expect(flow()).toEqual([255])
  })

  it('runs so many searches and no more, of a leaf and in all', () => {
    const config: Partial<HybridConfig> = { role: 'ultrapeer', queryBurst: 100, dynamicQueriesMax: 5 }
    const it = rig({ ...config, dynamicQueriesPerLeafMax: 3 }, { 1: 'leaf', 2: 'leaf', 3: 'ultrapeer' })
    for (let i = 0; i < 10; i++) it.servent.onMessage(i < 5 ? P1 : P2, query({ guid: `${i}`.padEnd(16) as Guid }))
    expect(it.servent.searchCount).toBeLessThanOrEqual(5)
    expect(it.servent.drops['dynamic-query-limit']).toBeGreaterThan(0)
  })
})

describe('0.6, pings', () => {
  it('are answered from what is known and never forwarded; an ultrapeer says how much room it has', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'ultrapeer', 3: 'leaf' })
    it.servent.ping(4)
    it.sent()
    const room = { leaves: 7, ultrapeers: 3 }
    it.servent.onMessage(P2, {
      ...{ type: 'Pong', guid: guidOf(1), ttl: 1, hops: 1, port: 1, address: 1, fileCount: 5, kilobyteCount: 6 },
      ...{ peer: toPeer(9), ultrapeer: room, verbatim },
    } as Message)
    it.servent.onMessage(P1, ping({ ttl: 4 }))
    const pongs = it.sent()
    expect(pongs.map(({ to, message }) => message.type === 'Pong' && [to, message.peer, message.ultrapeer])).toEqual([
      [P1, toPeer(0), { leaves: 99, ultrapeers: 38 }],
      [P1, toPeer(9), room],
    ])
    it.servent.onMessage(P1, ping({ ttl: 1, guid: guidOf(4) }))
    expect(it.sent()).toHaveLength(1)
  })

  it('bring ultrapeers that are known apart from other hosts; unasked pongs bring nobody', () => {
    const it = rig({}, { 1: 'ultrapeer' })
    const pong = (peer: Peer): Message =>
      ({
        ...{ type: 'Pong', guid: guidOf(1), ttl: 1, hops: 0, port: 1, address: 1, fileCount: 5, kilobyteCount: 6 },
        ...{ peer, ultrapeer: { leaves: 1, ultrapeers: 1 }, verbatim },
      }) as Message
    it.servent.onMessage(P1, pong(toPeer(8)))
    expect(it.servent.drops).toEqual({ 'pong-without-ping': 1 })
    it.servent.ping()
    it.servent.onMessage(P1, pong(toPeer(9)))
    expect(it.servent.knownUltrapeers.map(({ peer }) => peer)).toEqual([toPeer(9)])
    expect(it.servent.hosts).toEqual([])
  })
})

describe('0.6, pushes and visits', () => {
  const leafId = serventIdOf(testKeyOf(P2))

  it('an ultrapeer is push proxy of a leaf that asks it, for its own servent id alone', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'ultrapeer', 2: 'leaf' })
    const ask = (guid: Guid): Message => ({ type: 'PushProxyRequest', guid, ttl: 1, hops: 0 })
    it.servent.onMessage(P2, ask(guidOf(8)))
    expect(it.servent.drops).toEqual({ 'forged-servent-id': 1 })
    it.servent.onMessage(P2, ask(leafId as string as Guid))
    expect(it.words()).toEqual(['2 PushProxyAck'])
    const push = {
      type: 'Push',
      guid: guidOf(6),
      ttl: 4,
      hops: 0,
      serventId: leafId,
      index: 7,
      address: 0,
      port: 1,
    } as const
    it.servent.onMessage(P1, { ...push, peer: P1, verbatim })
    expect(it.sent()).toMatchObject([{ to: P2, message: { type: 'Push', index: 7, hops: 1 } }])
  })

  it('a leaf names its proxies in its hits', () => {
    const it = rig({}, { 1: 'ultrapeer', 2: 'ultrapeer' })
    share(it.library, 'alpha song')
    const guid = it.servent.serventId as string as Guid
    it.servent.onMessage(P1, { type: 'PushProxyAck', guid, ttl: 1, hops: 0, address: 0, port: 1 })
    it.servent.onMessage(P2, query())
    expect(it.sent()).toMatchObject([{ to: P2, message: { type: 'QueryHit', pushProxies: [P1], isBrowsable: true } }])
  })

  it('a push whose way is lost goes to a proxy, by a visit', () => {
    const it = rig({}, { 1: 'ultrapeer' })
    const guid = it.servent.query('alpha')
    const hitOf = own(toPeer(30), { guid, pushProxies: [P4] })
    it.servent.onMessage(P1, hitOf)
    it.servent.onPeerDisconnected(P1)
    it.effects()
    expect(it.servent.push(hitOf.serventId, 1)).toBe(true)
    expect(it.effects()).toContainEqual({ effect: 'connect', peer: P4 })
    it.servent.onPeerConnected(P4)
    const [asked] = it.sent()
    expect(asked?.message.type === 'ConnectRequest' && asked.message.headers.get('x-visit')).toBe('True')
    it.servent.onMessage(P4, response({ ...modern, 'x-ultrapeer': 'True' }))
    expect(it.words()).toEqual(['4 ConnectResponse', '4 Push'])
    expect(it.servent.neighbors).toEqual([])
  })

  it('whoever visits may list what we share, and is no neighbor', () => {
    const it = rig({}, { 1: 'ultrapeer' })
    share(it.library, 'alpha song')
    expect(dialIn(it, P2, request(false, { 'x-visit': 'True' }))?.code).toBe(200)
    const index: Query = query({ ttl: 1, criteria: '    ' })
    it.servent.onMessage(P2, index)
    expect(it.sent()).toMatchObject([{ to: P2, message: { type: 'QueryHit' } }])
    it.servent.onMessage(P2, query({ guid: guidOf(4) }))
    expect(it.servent.drops).toEqual({ 'neighbors-full': 1 })
    expect(it.servent.neighbors).toEqual([P1])
    it.host.clock = 2000
    it.servent.onTimer(2, 0)
    expect(it.effects()).toContainEqual({ effect: 'disconnect', peer: P2 })
  })

  it('browsing someone far away is a visit that brings its files', () => {
    const it = rig()
    const guid = it.servent.browse(P3)
    it.servent.onPeerConnected(P3)
    it.servent.onMessage(P3, response({ ...modern, 'x-ultrapeer': 'False' }))
    it.sent()
    it.servent.onMessage(P3, own(P3, { guid: guid as Guid }))
    const told = it.effects().find((effect) => effect.effect === 'emit')
    expect(told).toMatchObject({ event: { type: 'query-hit', guid, peer: P3 } })
  })
})
