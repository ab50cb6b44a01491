// How servents of 0.6 become neighbors, as what, and how they part. Quoted words are the specifications'.
import { toPeer } from '@servent/machine'
import { RecordingHost } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { type GnutellaEvent, gnutella06, type HybridConfig, type HybridServent, type Message } from '../src/index.ts'
import { dialIn, modern, request, response, rig } from './hybrid-unit.ts'
import { guidOf, P1, P2, P3, ping, verbatim } from './rig.ts'

const { defaults } = gnutella06

describe('0.6, the handshake', () => {
  it('has three steps: the one who dialed asks and has the last word, and says what it is', () => {
    const it = rig()
    it.servent.connect(P1)
    it.servent.onPeerConnected(P1)
    const [asked] = it.sent()
    expect(asked?.to).toBe(P1)
    if (asked?.message.type !== 'ConnectRequest') throw new TypeError('it did not ask')
    expect(Object.fromEntries(asked.message.headers)).toEqual({
      'user-agent': 'servent/0.1',
      'pong-caching': '0.1',
      'bye-packet': '0.1',
      ggep: '0.5',
      'vendor-message': '0.2',
      'x-query-routing': '0.1',
      'x-ultrapeer': 'False',
      'x-ultrapeer-query-routing': '0.1',
      'x-degree': '32',
      'x-max-ttl': '3',
      'x-dynamic-querying': '0.1',
      'x-capacity': '0.5',
    })
    expect(it.servent.neighbors).toEqual([])
    it.servent.onMessage(P1, response({ ...modern, 'x-ultrapeer': 'True' }))
    expect(it.servent.ultrapeers).toEqual([P1])
    expect(it.sent()[0]?.message).toEqual(response({ 'x-ultrapeer': 'False' }))
  })

  it('makes nobody a neighbor before its last word', () => {
    const it = rig({ role: 'ultrapeer' })
    it.servent.onPeerConnected(P1)
    it.servent.onMessage(P1, request(false))
    expect(it.servent.leaves).toEqual([])
    it.servent.onMessage(P1, response({}))
    expect(it.servent.leaves).toEqual([P1])
  })

  it('refuses with 503 and up to ten hosts to try', () => {
    const it = rig({ role: 'ultrapeer', leafSlots: 1 }, { 3: 'ultrapeer', 4: 'leaf' })
    const answer = dialIn(it, P1, request(false))
    expect(answer).toMatchObject({ code: 503, reason: 'No leaf slots', tryUltrapeers: [P3] })
    expect(it.servent.drops).toEqual({ 'neighbors-full': 1 })
  })

  it('asks the hosts that a refusal names', () => {
    const it = rig()
    it.servent.connect(P1)
    it.servent.onPeerConnected(P1)
    it.servent.onMessage(P1, response({ 'x-ultrapeer': 'True' }, 503, [P2, P3]))
    it.effects()
    it.servent.onPeerDisconnected(P1)
    const dialed = it.effects().filter(({ effect }) => effect === 'connect')
    expect(dialed.map((effect) => 'peer' in effect && effect.peer).sort()).toEqual([P2, P3])
    expect(it.servent.knownUltrapeers.map(({ peer }) => peer)).toEqual([P2, P3])
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('agrees on who is who when both dial at once (peer %i)', (number) => {
    // Two servents on two hosts; what each sends reaches the other.
    const [a, b] = [toPeer(number), toPeer(number + 1)]
    const hosts = [a, b].map((peer) => new RecordingHost<Message, GnutellaEvent>(peer))
    const [left, right] = hosts.map((host) => gnutella06.create(host, { ...defaults, joinTtl: 0 })) as [
      HybridServent,
      HybridServent,
    ]
    left.start()
    right.start()
    left.connect(b)
    right.connect(a)
    left.onPeerConnected(b)
    right.onPeerConnected(a)
    for (let turn = 0; turn < 8; turn++) {
      const [fromLeft, fromRight] = hosts.map((host) => host.take())
      for (const effect of fromLeft ?? []) if (effect.effect === 'send') right.onMessage(a, effect.message)
      for (const effect of fromRight ?? []) if (effect.effect === 'send') left.onMessage(b, effect.message)
    }
    expect([left.role, right.role].sort()).toEqual(['leaf', 'ultrapeer'])
    const [leaf, ultrapeer] = left.role === 'leaf' ? [left, right] : [right, left]
    expect(leaf.ultrapeers).toHaveLength(1)
    expect(ultrapeer.leaves).toHaveLength(1)
  })

  it('hangs up on whoever says anything else first', () => {
    const it = rig({ role: 'ultrapeer' })
    it.servent.onPeerConnected(P1)
    it.servent.onMessage(P1, ping())
    expect(it.effects()).toContainEqual({ effect: 'disconnect', peer: P1 })
    expect(it.servent.drops).toEqual({ 'bad-handshake': 1 })
  })
})

describe('0.6, roles', () => {
  it('a leaf that has an ultrapeer takes no other leaf', () => {
    const it = rig({}, { 2: 'ultrapeer' })
    expect(dialIn(it, P1, request(false))).toMatchObject({ code: 503, reason: 'Shielded leaf', tryUltrapeers: [P2] })
    expect(it.servent.role).toBe('leaf')
  })

  it('a leaf without one becomes one for a leaf that asks, unless it cannot be one', () => {
    const able = rig()
    expect(dialIn(able, P1, request(false))?.code).toBe(200)
    expect([able.servent.role, able.servent.leaves]).toEqual(['ultrapeer', [P1]])
    const unable = rig({ capacity: 0 })
    expect(dialIn(unable, P1, request(false))?.code).toBe(503)
    expect(unable.servent.role).toBe('leaf')
  })

  it('"X-Ultrapeer-Needed: False" makes a leaf of an ultrapeer without leaves, but not of a natural one', () => {
    const answer = (config: Partial<HybridConfig>) => {
      const it = rig(config)
      it.host.clock = 60_000
      dialIn(it, P2, request(false))
      it.servent.disconnect(P2)
      it.servent.onPeerDisconnected(P2)
      it.servent.connect(P1)
      it.servent.onPeerConnected(P1)
      it.sent()
      it.servent.onMessage(P1, response({ ...modern, 'x-ultrapeer': 'True', 'x-ultrapeer-needed': 'False' }))
      return [it.servent.role, it.sent()[0]?.message] as const
    }
    expect(answer({})).toEqual(['leaf', response({ 'x-ultrapeer': 'False' })])
    expect(answer({ capacity: 1 })).toEqual(['ultrapeer', response({ 'x-ultrapeer': 'True' })])
  })

  it('a leaf alone becomes an ultrapeer, the sooner the more it can carry', () => {
    const delayOf = (capacity: number) => {
      const host = new RecordingHost<Message, GnutellaEvent>(toPeer(0))
      host.randoms = [0.5, 0.5]
      const servent = gnutella06.create(host, { ...defaults, capacity })
      servent.start()
      const timer = host.take().find((effect) => effect.effect === 'setTimer' && effect.timer === 3)
      if (timer?.effect !== 'setTimer') throw new TypeError('no timer is set')
      host.clock = timer.delayMs
      servent.onTimer(timer.timer, timer.arg)
      expect(servent.role).toBe('ultrapeer')
      expect(host.take()).toContainEqual({ effect: 'emit', event: { type: 'role-changed', role: 'ultrapeer' } })
      return timer.delayMs
    }
    expect([delayOf(0.1), delayOf(0.5), delayOf(0.9)]).toEqual([6500, 5000, 3500])
  })

  it('a new leaf says Bye 203 to those for whom it was an ultrapeer', () => {
    const it = rig({ capacity: 0.5 })
    dialIn(it, P1, request(true, { 'x-ultrapeer': 'False' }))
    it.servent.disconnect(P1)
    it.servent.onPeerDisconnected(P1)
    expect(dialIn(it, P2, request(true))?.headers.get('x-ultrapeer-needed')).toBe('False')
    it.servent.connect(P3)
    it.servent.onPeerConnected(P3)
    it.sent()
    it.servent.onMessage(P3, response({ ...modern, 'x-ultrapeer': 'True', 'x-ultrapeer-needed': 'False' }))
    expect(it.servent.role).toBe('leaf')
    expect(it.sent()[0]).toMatchObject({ to: P2, message: { type: 'Bye', code: 203 } })
    expect(it.servent.neighbors).toEqual([P3])
  })
})

describe('0.6, Bye', () => {
  it('is said to those who want to hear it, with the reason', () => {
    const it = rig({ role: 'ultrapeer' }, { 1: 'leaf', 2: 'plain' })
    it.servent.disconnect(P1)
    it.servent.disconnect(P2)
    expect(it.sent()).toMatchObject([{ to: P1, message: { type: 'Bye', code: 201, ttl: 1, hops: 0 } }])
  })

  it('that comes ends the neighbor, and is told', () => {
    const it = rig({}, { 1: 'ultrapeer' })
    it.servent.onMessage(P1, { type: 'Bye', guid: guidOf(3), ttl: 1, hops: 0, code: 200, text: 'Exit', verbatim })
    expect(it.sent()).toEqual([])
    it.servent.onPeerDisconnected(P1)
    const event = { type: 'neighbor-down', peer: P1, reason: 'bye', bye: { code: 200, text: 'Exit' } }
    expect(it.effects()).toContainEqual({ effect: 'emit', event })
  })
})
