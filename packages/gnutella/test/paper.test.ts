import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import type { Guid, Message, Query, QueryHit, ServentId } from '../src/index.ts'

import { guidOf, hit, P1, P2, P3, ping, query, rig, share, verbatim } from './rig.ts'

describe('0.4, descriptor header', () => {
  it('"TTL(0) = TTL(i) + hops(i)": a forwarded descriptor has one less to live and one more travelled', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query({ ttl: 5, hops: 2 }))
    expect(sent()).toEqual([P2, P3].map((to) => ({ to, message: query({ ttl: 4, hops: 3 }) })))
  })

  it('a descriptor whose TTL is used up goes no farther', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query({ ttl: 1, hops: 6 }))
    servent.onMessage(P1, query({ guid: guidOf(3), ttl: 0, hops: 7 }))
    expect(sent()).toEqual([])
  })

  it('TTL + hops above 7 is cut to 7, a TTL above 15 is dropped', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query({ ttl: 10, hops: 2 }))
    expect(sent()[0]?.message).toMatchObject({ ttl: 4, hops: 3 })
    servent.onMessage(P1, query({ guid: guidOf(3), ttl: 16 }))
    servent.onMessage(P1, query({ guid: guidOf(4), ttl: 7, hops: 255 }))
    expect(sent()).toEqual([])
    expect(servent.drops).toEqual({ 'hard-ttl-limit': 1, 'max-hop-count': 1 })
  })

  it('an id is random, with byte 8 ff and byte 15 00', () => {
    const { servent } = rig()
    const ids = new Set(Array.from({ length: 100 }, () => servent.query('alpha')))
    expect(ids.size).toBe(100)
    for (const id of ids) expect([id.length, id.charCodeAt(8), id.charCodeAt(15)]).toEqual([16, 0xff, 0])
  })
})

describe('0.4, broadcast and back-propagation', () => {
  it('a descriptor that was seen is not forwarded again, whoever sends it', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query())
    sent()
    for (const from of [P2, P3, P1]) servent.onMessage(from, query({ ttl: 7, hops: 3 }))
    expect(sent()).toEqual([])
    expect(servent.drops).toEqual({ duplicate: 3 })
  })

  it('a Ping and a Query with one id are two things', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query({ guid: guidOf(5) }))
    servent.onMessage(P1, ping({ guid: guidOf(5) }))
    expect(sent().map(({ to, message }) => [to, message.type])).toEqual([
      [2, 'Query'],
      [3, 'Query'],
      [1, 'Pong'],
      [2, 'Ping'],
      [3, 'Ping'],
    ])
  })

  it('"QueryHit descriptors may only be sent along the same path that carried the incoming Query"', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query())
    sent()
    servent.onMessage(P2, hit())
    expect(sent()).toEqual([{ to: P1, message: hit({ ttl: 4, hops: 1 }) }])
  })

  it('"Pong descriptors may only be sent along the same path that carried the incoming Ping"', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, ping())
    sent()
    const pong: Message = {
      type: 'Pong',
      guid: guidOf(2),
      ttl: 3,
      hops: 1,
      port: 1,
      address: 2,
      fileCount: 3,
      kilobyteCount: 4,
      peer: undefined,
      ultrapeer: undefined,
      verbatim,
    }
    servent.onMessage(P3, pong)
    expect(sent()).toEqual([{ to: P1, message: { ...pong, ttl: 2, hops: 2 } }])
  })

  it('replies without their question, spent ones and those that come back to the asker are dropped by name', () => {
    const { servent, sent } = rig()
    servent.onMessage(P2, hit())
    servent.onMessage(P1, query())
    sent()
    servent.onMessage(P1, hit())
    servent.onMessage(P2, hit({ ttl: 1 }))
    servent.onPeerDisconnected(P1)
    servent.onMessage(P2, hit())
    expect(sent()).toEqual([])
    expect(servent.drops).toEqual({ 'hit-without-query': 1, 'hit-from-asker': 1, 'ttl-expired': 1, 'route-lost': 1 })
  })

  it('ways back age: ten minutes for queries, and a hit that comes later has none', () => {
    const { host, servent, sent } = rig()
    servent.onMessage(P1, query())
    sent()
    host.clock = 10 * 60_000 - 1
    servent.onMessage(P2, hit())
    expect(sent()).toHaveLength(1)
    host.clock = 20 * 60_000
    servent.onMessage(P2, hit())
    expect(servent.drops).toEqual({ 'hit-without-query': 1 })
  })

  it('extensions that we do not know go on with the descriptor', () => {
    const { servent, sent } = rig()
    const kept = Uint8Array.of(0, 0, 0x61, 0, 0xc3, 0x82, 0x50, 0x52, 0x40)
    servent.onMessage(P1, query({ verbatim: kept }))
    expect(sent().map(({ message }) => (message as Query).verbatim)).toEqual([kept, kept])
  })
})

describe('0.4, Ping and Pong', () => {
  it('a Ping is answered with a Pong of its id that tells what we share, and goes on', () => {
    const { servent, library, sent } = rig()
    share(library, 'alpha.txt', { size: 2048 })
    servent.onMessage(P1, ping())
    expect(sent()[0]).toEqual({
      to: P1,
      message: {
        type: 'Pong',
        guid: guidOf(2),
        ttl: 2,
        hops: 0,
        port: 6346,
        address: 0,
        fileCount: 1,
        kilobyteCount: 2,
        peer: 0,
        ultrapeer: undefined,
        verbatim,
      },
    })
  })

  it('TTL 1, hops 0: exactly one Pong about oneself, always', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, ping({ ttl: 1 }))
    expect(sent().map(({ message }) => message.type)).toEqual(['Pong'])
  })

  it('a pinger cannot melt the network: five at once and one a second, the rest dropped, the pinger in the end', () => {
    const { host, servent, sent } = rig()
    let forwarded = 0
    for (let i = 0; i < 1000 && servent.neighbors.includes(P1); i++) {
      host.clock += 10
      servent.onMessage(P1, ping({ guid: `${i}`.padStart(16) as Guid }))
      forwarded += sent().filter(({ to, message }) => to === P2 && message.type === 'Ping').length
    }
    expect(forwarded).toBeLessThanOrEqual(6)
    expect(servent.drops['ping-limit']).toBeGreaterThan(50)
    servent.onPeerDisconnected(P1)
    expect(servent.neighbors).toEqual([P2, P3])
  })

  it('what may not be forwarded is answered from the host cache, ten at the most', () => {
    const { servent, sent } = rig()
    for (let i = 10; i < 40; i++) servent.addHost(toPeer(i))
    // Two neighbors spend what the third may get.
    for (let i = 0; i < 10; i++) servent.onMessage(i % 2 === 0 ? P1 : P2, ping({ guid: guidOf(20 + i) }))
    const last = sent().filter(({ to, message }) => to === P2 && message.type === 'Pong' && message.guid === guidOf(29))
    expect(last).toHaveLength(11)
  })

  it('hosts in pongs are remembered and told, also those for others', () => {
    const { servent, events } = rig()
    servent.ping(3)
    servent.onMessage(P1, ping())
    const pong = {
      type: 'Pong',
      guid: guidOf(2),
      ttl: 3,
      hops: 1,
      port: 1,
      address: 2,
      fileCount: 3,
      kilobyteCount: 4,
      peer: toPeer(7),
      ultrapeer: undefined,
      verbatim,
    } as const
    servent.onMessage(P2, pong)
    servent.onMessage(P2, { ...pong, guid: guidOf(99), peer: toPeer(8) })
    expect(events()).toEqual([{ type: 'host-discovered', peer: 7, fileCount: 3, kilobyteCount: 4, hops: 2 }])
    expect(servent.hosts.map(({ peer, reporter }) => [peer, reporter])).toEqual([[7, 2]])
    expect(servent.drops).toEqual({ 'pong-without-ping': 1 })
  })
})

describe('0.4, Query and QueryHit', () => {
  it('answers with the files whose names hold all words, ten to a hit, with TTL for the way back', () => {
    const { servent, library, sent } = rig()
    for (let i = 0; i < 12; i++) share(library, `Alpha ${i}.txt`)
    servent.onMessage(P1, query({ ttl: 1, hops: 3 }))
    const hits = sent()
    expect(hits.map(({ to, message }) => [to, message.type, (message as QueryHit).results.length])).toEqual([
      [1, 'QueryHit', 10],
      [1, 'QueryHit', 2],
    ])
    expect(hits[0]?.message).toMatchObject({ guid: guidOf(1), ttl: 5, hops: 0, peer: 0, serventId: servent.serventId })
  })

  it('answers no query for a higher speed than ours, but forwards it', () => {
    const { servent, library, sent } = rig({ speed: 100 })
    share(library, 'alpha.txt')
    servent.onMessage(P1, query({ minSpeed: 101 }))
    expect(sent().map(({ message }) => message.type)).toEqual(['Query', 'Query'])
    servent.onMessage(P1, query({ guid: guidOf(3), minSpeed: 100, ttl: 1 }))
    // With bit 7 the two bytes are flags of later servents, which ask for no speed.
    servent.onMessage(P1, query({ guid: guidOf(4), minSpeed: 0xf080, ttl: 1 }))
    expect(sent().map(({ message }) => message.type)).toEqual(['QueryHit', 'QueryHit'])
  })

  it('writes no minimum speed that a later servent takes for flags', () => {
    const { servent, sent } = rig({}, [P1])
    for (const minSpeed of [0, 56, 128, 200, 384, 99_999, -5, Number.NaN]) servent.query('alpha', { minSpeed })
    const written = sent().map(({ message }) => (message as Query).minSpeed)
    expect(written.every((speed) => (speed & 0x80) === 0)).toBe(true)
    expect(written.slice(0, 3)).toEqual([0, 56, 0])
  })

  it('lists everything for the four blanks of a neighbor with TTL 1, and hands no empty query on', () => {
    const { servent, library, sent } = rig()
    share(library, 'alpha.txt')
    servent.onMessage(P1, query({ criteria: '    ', ttl: 1 }))
    expect(sent()).toHaveLength(1)
    servent.onMessage(P1, query({ guid: guidOf(3), criteria: '', ttl: 7 }))
    servent.onMessage(P1, query({ guid: guidOf(4), criteria: '    ', ttl: 1, hops: 1 }))
    expect(sent()).toEqual([])
    expect(servent.drops).toEqual({ 'empty-query': 1 })
  })

  it('finds the very content that is asked for, whatever its name, or the words', () => {
    const { servent, library, sent } = rig({}, [P1])
    const [sha1, cid] = [new Uint8Array(20).fill(3), Uint8Array.of(1, 2, 3)]
    share(library, 'one', { sha1 })
    share(library, 'two', { cid })
    share(library, 'alpha')
    const found = (extra: Partial<Query>) => {
      servent.onMessage(
        P1,
        query({ ttl: 1, guid: guidOf(library.fileCount + Math.floor(servent.routeCount)), ...extra })
      )
      return sent().flatMap(({ message }) => (message as QueryHit).results.map(({ name }) => name))
    }
    expect(found({ criteria: '', sha1 })).toEqual(['one'])
    expect(found({ criteria: 'nowhere', cid })).toEqual(['two'])
    expect(found({ criteria: 'alpha', cid, sha1 })).toEqual(['two', 'one', 'alpha'])
    expect(found({ criteria: '', cid: Uint8Array.of(9) })).toEqual([])
  })

  it('tells each result once, its name made safe, and only if it is what was asked for', () => {
    const { servent, events, sent } = rig()
    const guid = servent.query('alpha song')
    sent()
    const result = (index: number, name: string) => ({ index, size: 1, name, sha1: undefined, cid: undefined })
    const results = [result(1, '../Alpha Song\u202e.txt'), result(2, 'something else'), result(1, 'alpha song again')]
    servent.onMessage(P2, hit({ guid, hops: 3, results }))
    expect(events()).toEqual([
      {
        type: 'query-hit',
        guid,
        name: '_Alpha Song.txt',
        size: 1,
        index: 1,
        sha1: undefined,
        cid: undefined,
        speed: 100,
        serventId: hit().serventId,
        peer: 9,
        pushProxies: [],
        isBrowsable: false,
        hops: 4,
        from: 2,
      },
    ])
    expect(servent.drops).toEqual({ 'unmatched-result': 1, 'duplicate-result': 1 })
    servent.forget(guid)
    servent.onMessage(P2, hit({ guid, results: [result(5, 'alpha song')] }))
    expect(events()).toEqual([])
    expect(servent.drops['forgotten-query']).toBe(1)
  })

  it('takes no more results than a person can look at', () => {
    const { servent, events } = rig({ resultsTakenMax: 20, hitBurst: 1000 })
    const guid = servent.query('alpha')
    for (let index = 0; index < 50; index++) {
      servent.onMessage(
        P2,
        hit({ guid, results: [{ index, size: 1, name: 'alpha', sha1: undefined, cid: undefined }] })
      )
    }
    expect(events()).toHaveLength(20)
    expect(servent.drops).toEqual({ 'too-many-results': 30 })
  })

  it("believes no forged hit: blank, our own or another one's servent id, no results", () => {
    const { servent, sent, events } = rig()
    servent.onMessage(P1, query())
    sent()
    servent.onMessage(P2, hit({ serventId: '\0'.repeat(16) as ServentId }))
    servent.onMessage(P2, hit({ serventId: servent.serventId }))
    servent.onMessage(P2, hit({ peer: toPeer(8) }))
    servent.onMessage(P2, hit({ results: [] }))
    expect(sent()).toEqual([])
    expect(events()).toEqual([])
    expect(servent.drops).toEqual({
      'blank-servent-id': 1,
      'own-servent-id': 1,
      'forged-servent-id': 1,
      'no-results': 1,
    })
  })

  it('hands on at most its share of a flood of queries, and hangs up on its source before long', () => {
    const { host, servent, sent } = rig()
    let forwarded = 0
    let disconnectedAt = 0
    for (let i = 0; i < 30_000 && disconnectedAt === 0; i++) {
      host.clock = i
      servent.onMessage(P1, query({ guid: `${i}`.padStart(16) as Guid }))
      forwarded += sent().filter(({ to }) => to === P2).length
      if (!servent.neighbors.includes(P1)) disconnectedAt = i
    }
    expect(forwarded).toBeLessThanOrEqual(10)
    expect(disconnectedAt).toBeGreaterThan(0)
    expect(disconnectedAt).toBeLessThan(10_000)
    servent.onPeerDisconnected(P1)
    servent.onPeerConnected(P1)
    expect(servent.drops.discouraged).toBe(1)
  })

  it('does not take an honest relay of a flood for its source', () => {
    const flooded = rig({}, [P1, P2])
    const behind = rig({}, [P3])
    for (let i = 0; i < 2000; i++) {
      flooded.host.clock = behind.host.clock = i * 50
      flooded.servent.onMessage(P1, query({ guid: `${i}`.padStart(16) as Guid }))
      for (const { to, message } of flooded.sent()) if (to === P2) behind.servent.onMessage(P3, message)
    }
    expect(behind.servent.drops).toEqual({})
    expect(behind.servent.neighbors).toEqual([P3])
  })

  it('hangs up on a neighbor that repeats itself, not on one that a loop makes repeat others', () => {
    const { servent } = rig()
    servent.onMessage(P1, query())
    for (let i = 0; i < 1000; i++) servent.onMessage(P2, query())
    expect(servent.neighbors).toContain(P2)
    for (let i = 0; i < 5; i++) servent.onMessage(P1, query())
    expect(servent.neighbors).toContain(P1)
    servent.onMessage(P1, query())
    expect(servent.neighbors).not.toContain(P1)
  })
})

describe('0.4, Push', () => {
  const push = {
    type: 'Push',
    guid: guidOf(6),
    ttl: 4,
    hops: 1,
    serventId: hit().serventId,
    index: 7,
    address: 0,
    port: 6346,
    peer: toPeer(5),
    verbatim,
  } as const

  it('"may only be sent along the same path that carried the incoming QueryHit", by servent id', () => {
    const { servent, sent } = rig()
    servent.onMessage(P1, query())
    servent.onMessage(P2, hit())
    sent()
    servent.onMessage(P3, push)
    expect(sent()).toEqual([{ to: P2, message: { ...push, ttl: 3, hops: 2 } }])
    servent.onMessage(P3, push)
    servent.onMessage(P3, { ...push, guid: guidOf(7), serventId: guidOf(8) as string as ServentId })
    expect(sent()).toEqual([])
    expect(servent.drops).toEqual({ duplicate: 1, 'push-without-route': 1 })
  })

  it('one for us is told, not forwarded', () => {
    const { servent, sent, events } = rig()
    servent.onMessage(P1, { ...push, serventId: servent.serventId })
    expect(events()).toEqual([{ type: 'push-requested', peer: 5, index: 7, from: 1 }])
    expect(sent()).toEqual([])
  })

  it('ours goes where the hit came from, and nowhere if it came from nowhere', () => {
    const { servent, sent } = rig()
    expect(servent.push(hit().serventId, 1)).toBe(false)
    const guid = servent.query('alpha')
    servent.onMessage(P2, hit({ guid }))
    sent()
    expect(servent.push(hit().serventId, 1)).toBe(true)
    expect(sent()).toEqual([
      { to: P2, message: expect.objectContaining({ type: 'Push', ttl: 7, hops: 0, index: 1, peer: 0 }) },
    ])
    servent.onPeerDisconnected(P2)
    expect(servent.push(hit().serventId, 1)).toBe(false)
  })

  it('a hit that does not say whose it is cannot turn a way aside', () => {
    const { servent, sent } = rig()
    const guid = servent.query('alpha')
    servent.onMessage(P2, hit({ guid }))
    servent.onMessage(P3, hit({ guid, peer: undefined }))
    sent()
    servent.push(hit().serventId, 1)
    expect(sent()[0]?.to).toBe(P2)
  })
})

describe('what cannot be read', () => {
  it('is dropped by its reason, an unknown function for ever, the fifth malformed payload with the neighbor', () => {
    const { servent, sent } = rig()
    const unknown = {
      type: 'Unknown',
      guid: guidOf(1),
      ttl: 7,
      hops: 0,
      function: 0x55,
      payload: new Uint8Array(3),
      reason: 'unknown-type',
    } as const
    for (let i = 0; i < 100; i++) servent.onMessage(P1, unknown)
    for (let i = 0; i < 4; i++) servent.onMessage(P1, { ...unknown, function: 1, reason: 'bad-size' })
    expect(servent.neighbors).toContain(P1)
    servent.onMessage(P1, { ...unknown, function: 1, reason: 'bad-size' })
    expect(servent.neighbors).not.toContain(P1)
    expect(servent.drops).toEqual({ 'unknown-type': 100, 'bad-size': 5 })
    expect(sent()).toEqual([])
  })
})
