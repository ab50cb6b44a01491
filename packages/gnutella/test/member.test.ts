import { toPeer } from '@servent/machine'
import { type Effect, RecordingHost } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { type GnutellaConfig, type GnutellaEvent, type Guid, gnutella04, type Message } from '../src/index.ts'

const [P1, P2] = [toPeer(1), toPeer(2)]
const MAINTAIN = 1

function rig(config: Partial<GnutellaConfig> = {}) {
  const host = new RecordingHost<Message, GnutellaEvent>(toPeer(0))
  const servent = gnutella04.create(host, { ...gnutella04.defaults, joinTtl: 0, ...config })
  const of = <K extends Effect<Message, GnutellaEvent>['effect']>(effects: Effect<Message, GnutellaEvent>[], kind: K) =>
    effects.filter((effect): effect is Extract<Effect<Message, GnutellaEvent>, { effect: K }> => effect.effect === kind)
  const tick = (ms: number) => {
    host.clock += ms
    servent.onTimer(MAINTAIN)
    return host.take()
  }
  return { host, servent, of, tick }
}

describe('the handshake', () => {
  it('whoever dials says Connect, whoever is dialed answers Ok, and only then they are neighbors', () => {
    const { host, servent } = rig()
    servent.connect(P1)
    servent.onPeerConnected(P1)
    expect(servent.neighbors).toEqual([])
    servent.onMessage(P1, { type: 'Ok' })
    servent.onPeerConnected(P2)
    expect(servent.neighbors).toEqual([P1])
    servent.onMessage(P2, { type: 'Connect' })
    expect(servent.neighbors).toEqual([P1, P2])
    expect(host.take().filter(({ effect }) => effect === 'send')).toEqual([
      { effect: 'send', to: 1, message: { type: 'Connect' } },
      { effect: 'send', to: 2, message: { type: 'Ok' } },
    ])
  })

  it('Connects that cross are the answer to each other', () => {
    const { servent } = rig()
    servent.connect(P1)
    servent.onPeerConnected(P1)
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Connect' })
    expect(servent.neighbors).toEqual([P1])
  })

  const ping: Message = { type: 'Ping', guid: 'x'.repeat(16) as Guid, ttl: 1, hops: 0, verbatim: undefined }
  it.each<[string, Message]>([
    ['Ok from one who dialed us', { type: 'Ok' }],
    ['a descriptor first', ping],
  ])('%s ends it', (_, message) => {
    const { host, servent } = rig()
    servent.onPeerConnected(P1)
    servent.onMessage(P1, message)
    expect(host.take()).toEqual([{ effect: 'disconnect', peer: 1 }])
    expect(servent.drops).toEqual({ 'bad-handshake': 1 })
  })

  it('a second one ends it, too', () => {
    const { servent } = rig()
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Connect' })
    servent.onMessage(P1, { type: 'Connect' })
    expect(servent.neighbors).toEqual([])
  })

  it('is refused to those who are blocked', () => {
    const { host, servent, of } = rig()
    servent.block(P1)
    servent.onPeerConnected(P1)
    expect(of(host.take(), 'disconnect').map(({ peer }) => peer)).toEqual([1])
    expect(servent.drops).toEqual({ blocked: 1 })
  })

  it('makes a guest of one who finds no room: it is told of hosts and nothing else, and then has to go', () => {
    const { host, servent, of } = rig({ neighborsMax: 1 })
    servent.start()
    for (let i = 10; i < 15; i++) servent.addHost(toPeer(i))
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Connect' })
    host.take()
    servent.onPeerConnected(P2)
    servent.onMessage(P2, { type: 'Connect' })
    servent.onMessage(P2, { type: 'Ping', guid: 'x'.repeat(16) as Guid, ttl: 7, hops: 0, verbatim: undefined })
    servent.query('alpha')
    const effects = host.take()
    expect(of(effects, 'emit')).toEqual([])
    const sent = of(effects, 'send').filter(({ to }) => to === P2)
    expect(sent.map(({ message }) => message.type)).toEqual(['Ok', 'Pong', 'Pong', 'Pong', 'Pong', 'Pong'])
    const told = sent.map(({ message }) => (message.type === 'Pong' ? message.peer : undefined))
    expect(told.toSorted()).toEqual([10, 11, 12, 13, 14, undefined])
    const [timer] = of(effects, 'setTimer')
    expect(timer?.delayMs).toBe(gnutella04.defaults.guestMs)
    host.clock += timer?.delayMs ?? 0
    servent.onTimer(timer?.timer ?? 0)
    expect(of(host.take(), 'disconnect').map(({ peer }) => peer)).toEqual([2])
    expect(servent.neighbors).toEqual([P1])
    expect(servent.drops).toEqual({ 'neighbors-full': 1 })
  })

  it('does not wait for ever', () => {
    const { servent, of, tick } = rig({ handshakeTimeoutMs: 100 })
    servent.start()
    servent.connect(P1)
    servent.onPeerConnected(P2)
    expect(of(tick(99), 'disconnect')).toEqual([])
    expect(of(tick(1), 'disconnect').map(({ peer }) => peer)).toEqual([1, 2])
  })

  it('goes on without a host that never answers a disconnect', () => {
    const { servent, tick } = rig({ handshakeTimeoutMs: 100 })
    servent.start()
    servent.connect(P1)
    tick(100)
    tick(100)
    servent.connect(P1)
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Ok' })
    expect(servent.neighbors).toEqual([P1])
  })
})

describe('neighbors', () => {
  it('are sought in the host cache until there are enough, at random and each once', () => {
    const { host, servent, of, tick } = rig({ neighborsTarget: 3 })
    for (let i = 1; i <= 20; i++) servent.addHost(toPeer(i))
    expect(of(host.take(), 'connect')).toEqual([])
    servent.start()
    const dialed = of(host.take(), 'connect').map(({ peer }) => peer)
    expect(new Set(dialed).size).toBe(3)
    expect(of(tick(1000), 'connect')).toEqual([])
    for (const peer of dialed) servent.onPeerDisconnected(peer)
    const again = of(tick(1000), 'connect').map(({ peer }) => peer)
    expect(again).toHaveLength(3)
    // Those that failed are left alone for a while.
    for (const peer of again) expect(dialed).not.toContain(peer)
  })

  it('are not sought among hosts that are not there faster than twenty a minute', () => {
    const { host, servent, of, tick } = rig()
    for (let i = 1; i <= 500; i++) servent.addHost(toPeer(i))
    servent.start()
    let dialCount = 0
    for (let ms = 0; ms < 10 * 60_000; ms += 5000) {
      for (let effects = host.take(); effects.length > 0; effects = host.take()) {
        for (const { peer } of of(effects, 'connect')) {
          dialCount++
          servent.onPeerDisconnected(peer)
        }
      }
      for (const { peer } of of(tick(5000), 'connect')) {
        dialCount++
        servent.onPeerDisconnected(peer)
      }
    }
    expect(dialCount).toBeGreaterThan(100)
    expect(dialCount).toBeLessThanOrEqual(8 + 10 * 20)
  })

  it('are not sought with a target of 0', () => {
    const { host, servent, of, tick } = rig({ neighborsTarget: 0 })
    servent.start()
    servent.addHost(P1)
    host.take()
    expect(of(tick(60_000), 'connect')).toEqual([])
  })

  it('are dialed as soon as a host is known', () => {
    const { host, servent, of } = rig()
    servent.start()
    servent.addHost(P1)
    expect(of(host.take(), 'connect').map(({ peer }) => peer)).toEqual([1])
  })

  it('that fall silent are pinged, and given up after six pings without an answer', () => {
    const { servent, of, tick } = rig()
    servent.start()
    servent.adopt(P1)
    const sent: Message['type'][] = []
    let hungUpAfterMs = 0
    for (let ms = 5000; hungUpAfterMs === 0 && ms < 600_000; ms += 5000) {
      const effects = tick(5000)
      for (const { message } of of(effects, 'send')) sent.push(message.type)
      if (of(effects, 'disconnect').length > 0) hungUpAfterMs = ms
    }
    expect(sent).toEqual(new Array<string>(6).fill('Ping'))
    expect(hungUpAfterMs).toBe(140_000)
  })

  it('that answer stay', () => {
    const { servent, of, tick } = rig()
    servent.start()
    servent.adopt(P1)
    for (let ms = 0; ms < 600_000; ms += 5000) {
      for (const { message } of of(tick(5000), 'send')) {
        if (message.type !== 'Ping') continue
        const { guid } = message
        servent.onMessage(P1, {
          type: 'Pong',
          guid,
          ttl: 1,
          hops: 0,
          port: 1,
          address: 0,
          fileCount: 0,
          kilobyteCount: 0,
          peer: P1,
          ultrapeer: undefined,
          verbatim: undefined,
        })
      }
    }
    expect(servent.neighbors).toEqual([P1])
  })

  it('outlive a tab that was frozen for ten minutes', () => {
    const { servent, of, tick } = rig()
    servent.start()
    servent.adopt(P1)
    const effects = tick(600_000)
    expect(of(effects, 'disconnect')).toEqual([])
    expect(of(effects, 'send')).toHaveLength(1)
  })

  it('that were cut and blocked are not made again by us or by them, until unblocked', () => {
    const { host, servent, of, tick } = rig()
    servent.start()
    servent.connect(P1)
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Ok' })
    servent.block(P1)
    servent.onPeerDisconnected(P1)
    host.take()
    servent.connect(P1)
    expect(of(tick(600_000), 'connect')).toEqual([])
    expect(servent.blocked).toEqual([P1])
    servent.unblock(P1)
    expect(of(tick(5000), 'connect').map(({ peer }) => peer)).toEqual([1])
  })

  it('come and go in turns, as the application is told', () => {
    const { host, servent, of } = rig()
    servent.onPeerConnected(P1)
    servent.onPeerDisconnected(P1)
    servent.onPeerConnected(P1)
    servent.onMessage(P1, { type: 'Connect' })
    servent.onPeerDisconnected(P1)
    servent.onPeerDisconnected(P1)
    expect(of(host.take(), 'emit').map(({ event }) => event)).toEqual([
      { type: 'neighbor-up', peer: 1 },
      { type: 'neighbor-down', peer: 1, reason: 'gone' },
    ])
  })

  it('are looked for by a ping as long as some are missing, once a minute', () => {
    const { servent, of, tick } = rig({ joinTtl: 7, keepAliveIntervalMs: 1e9 })
    servent.start()
    servent.adopt(P1)
    let pings = 0
    for (let ms = 0; ms < 10 * 60_000; ms += 5000) pings += of(tick(5000), 'send').length
    expect(pings).toBe(10)
  })
})

describe('a config', () => {
  it.each<[Partial<GnutellaConfig>, string]>([
    [{ ttl: 0 }, 'ttl and joinTtl must be within ttlMax'],
    [{ ttl: 9 }, 'ttl and joinTtl must be within ttlMax'],
    [{ ttl: 16, ttlMax: 16 }, 'ttlMax must be within ttlHardMax, that within 254'],
    [{ queryBurst: -1 }, 'queryBurst must not be negative'],
    [{ hostsMax: Number.NaN }, 'hostsMax must not be negative'],
    [{ resultsPerHitMax: 0 }, 'a hit takes 1 to 255 results'],
    [{ port: 65_536 }, 'a port is below 65536'],
    [{ queryRouteAgeMs: 0 }, 'routes must have an age'],
    [{ routesMax: 1 }, 'route tables must take two ids'],
  ])('%j is refused', (wrong, why) => expect(() => rig(wrong)).toThrow(new RangeError(why)))

  it('is frozen by default', () => expect(Object.isFrozen(gnutella04.defaults)).toBe(true))
})
