import { type Peer, toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import type { Message, Payload, Route } from '../src/index.ts'
import { key, peers, Rig, type Sent } from './rig.ts'

function route(hex: string, path: readonly number[], payload: Payload = { type: 'lookup' }): Route {
  return { type: 'Route', id: 7, key: key(hex), timeouts: 0, path: path.map(toPeer), payload }
}

/** Where a message is passed on to. */
function nextHop(rig: Rig, message: Route): number | undefined {
  const from = message.path.at(-1) as unknown as number
  return rig.receive(from, message).find((sent) => sent.message.type === 'Route')?.to
}

/** Number 0x8000, four leaves, and a table with entries in the first three rows. */
function place(): Rig {
  return new Rig(0x8000).place([0x7ff0, 0x7fe0], [0x8010, 0x8020], [0x1234, 0xa234, 0x8f00, 0x8700, 0x8400])
}

describe('§2.2, Table 1: the routing procedure', () => {
  it('line 3: a key within the leaf set goes to the member that is numerically closest', () => {
    expect(nextHop(place(), route('8011', [0x1234]))).toBe(0x8010)
    expect(nextHop(place(), route('7fe1', [0x1234]))).toBe(0x7fe0)
  })

  it('and has arrived if we are the closest ourselves', () => {
    expect(place().receive(0x1234, route('8001', [0x9999, 0x1234]))).toEqual([
      {
        to: 0x1234,
        message: {
          type: 'Answer',
          id: 7,
          timeouts: 0,
          path: peers(0x9999, 0x1234, 0x8000),
          outcome: { type: 'found', replicas: [] },
        },
      },
    ])
  })

  it('line 7: another key goes to the entry that shares one digit more', () => {
    expect(nextHop(place(), route('1fff', [0x9999]))).toBe(0x1234)
    expect(nextHop(place(), route('8f12', [0x9999]))).toBe(0x8f00)
  })

  it('line 9, the rare case: where there is no entry, to one that shares as many digits and is closer', () => {
    // Nobody begins with 85; 84 shares one digit, as we do, and is nearer.
    expect(nextHop(place(), route('8500', [0x9999]))).toBe(0x8400)
    // Nobody begins with b; of those who share no digit a234 is nearest.
    expect(nextHop(place(), route('b000', [0x9999]))).toBe(0xa234)
  })

  it('takes nobody that the message has passed', () => {
    expect(nextHop(place(), route('1fff', [0x1234, 0x9999]))).not.toBe(0x1234)
  })

  it('prefers, of those that are as good, one that a link is open to', () => {
    const rig = new Rig(0x8000, { proximity: () => 1 }).place([0x7ff0], [0x8010], [0x8f00, 0x8f77, 0x8a77])
    const linked =
      (...numbers: readonly number[]) =>
      (peer: Peer) =>
        numbers.includes(peer as unknown as number)
    const { tables } = rig.machine
    const all = () => true
    expect(tables.nextHop(key('8f11'), all, linked())).toBe(0x8f00)
    expect(tables.nextHop(key('8f11'), all, linked(0x8a77, 0x8f77))).toBe(0x8f77)
    expect(tables.nextHop(key('8f11'), all, linked(0x8f00, 0x8f77))).toBe(0x8f00)
  })
})

describe('a message that is passed on', () => {
  it('is acknowledged to the one before, and its answer goes back the same way', () => {
    const rig = place()
    expect(rig.receive(0x9999, route('1fff', [0x9999]))).toEqual([
      { to: 0x1234, message: route('1fff', [0x9999, 0x8000]) },
      { to: 0x9999, message: { type: 'Ack', id: 7 } },
    ])
    const answer: Message = {
      type: 'Answer',
      id: 7,
      timeouts: 0,
      path: peers(0x9999, 0x8000, 0x1234),
      outcome: { type: 'found', replicas: [] },
    }
    expect(rig.receive(0x1234, answer)).toEqual([{ to: 0x9999, message: answer }])
    expect(rig.receive(0x1234, answer)).toEqual([])
    expect(rig.machine.drops).toEqual({ 'unasked-answer': 1 })
  })

  it('goes another way if the next hop does not say that it has it', () => {
    const rig = place()
    rig.receive(0x9999, route('8500', [0x9999]))
    rig.host.clock = 3000
    rig.machine.onTimer(1, 7)
    const sent = rig.sent()
    expect(sent.map(({ to, message }) => [to, message.type])).toEqual([
      [0x8400, 'Ping'],
      [0x8700, 'Route'],
    ])
    expect(sent[1]?.message).toMatchObject({ timeouts: 1, path: [0x9999, 0x8000] })
    rig.receive(0x8700, { type: 'Ack', id: 7 })
    rig.host.clock = 9000
    rig.machine.onTimer(1, 7)
    expect(rig.sent()).toEqual([])
  })

  it('arrives here if nobody else is left', () => {
    const rig = new Rig(0x8000).place([0x7000], [0x7000])
    rig.receive(0x9999, route('6fff', [0x9999]))
    rig.host.clock = 3000
    rig.machine.onTimer(1, 7)
    expect(rig.sent()).toContainEqual({ to: 0x9999, message: expect.objectContaining({ type: 'Answer', timeouts: 1 }) })
  })
})

describe('§2.4: a join', () => {
  it('is routed to the closest node, and everybody on the way sends rows that the new one can use', () => {
    const rig = place()
    const sent = rig.receive(0x1111, route('8711', [0x8711, 0x1111], { type: 'join' }))
    expect(sent.map(({ to, message }) => [to, message.type])).toEqual([
      [0x8700, 'Route'],
      [0x1111, 'Ack'],
      [0x8711, 'State'],
    ])
    expect(sent[2]?.message).toEqual({
      type: 'State',
      id: 7,
      isLast: false,
      isWhole: false,
      leafSet: [],
      table: peers(0x1234, 0xa234, 0x8400, 0x8700, 0x8f00),
      neighborhood: [],
    })
  })

  it('ends at the node that is closest, which sends its leaf set', () => {
    const rig = place()
    const [state] = rig.receive(0x1111, route('8001', [0x8001, 0x1111], { type: 'join' }))
    expect(state).toMatchObject({
      to: 0x8001,
      message: { type: 'State', isLast: true, leafSet: [0x7ff0, 0x7fe0, 0x8010, 0x8020] },
    })
  })

  it('puts the new node among those leaves, tells them, and asks for tables in a second stage', () => {
    const rig = new Rig(0x8001)
    rig.machine.addContact(toPeer(0x1111))
    const [join] = rig.sent()
    expect(join).toMatchObject({ to: 0x1111, message: { type: 'Route', path: [0x8001], payload: { type: 'join' } } })
    const { id } = (join as Sent).message as Route
    const state = { type: 'State', id, isWhole: false, neighborhood: [] } as const
    rig.receive(0x1111, { ...state, isLast: false, leafSet: [], table: peers(0x1234, 0xa234) })
    expect(rig.machine.isJoined).toBe(false)
    const told = rig.receive(0x8000, {
      ...state,
      isLast: true,
      leafSet: peers(0x7ff0, 0x7fe0, 0x8010, 0x8020),
      table: peers(0x8700),
    })
    expect(rig.machine.isJoined).toBe(true)
    expect(rig.machine.tables.leafSet.smaller).toEqual([0x8000, 0x7ff0])
    expect(rig.machine.tables.leafSet.larger).toEqual([0x8010, 0x8020])
    expect(told.map(({ to, message }) => [to, message.type])).toEqual(
      [0x8000, 0x7ff0, 0x8010, 0x8020].map((to) => [to, 'Announce'])
    )
    rig.machine.onTimer(4, 0)
    const asked = rig.sent()
    expect(asked.map(({ message }) => message.type)).toEqual(asked.map(() => 'StateRequest'))
    expect(asked.map(({ to }) => to)).toEqual(expect.arrayContaining([0x1111, 0xa234, 0x8700]))
  })

  it('of a node that says it is another is not passed on', () => {
    const rig = place()
    expect(rig.receive(0x1111, route('8711', [0x9711, 0x1111], { type: 'join' }))).toEqual([])
    expect(rig.machine.drops).toEqual({ 'forged-join': 1 })
  })
})

describe('§2.4: departure', () => {
  it('is found out by probes, told to those next to us, and repaired by the farthest member on that side', () => {
    const rig = place()
    rig.machine.onTimer(6, 0)
    const [exchange] = rig.sent().filter(({ to }) => to === 0x8010)
    expect(exchange?.message.type).toBe('LeafSetRequest')
    for (let i = 0; i < 2; i++) {
      rig.host.clock += 3000
      for (let nonce = 1; nonce < 20; nonce++) rig.machine.onTimer(5, nonce)
    }
    const sent = rig.sent()
    expect(rig.machine.neighbors).not.toContain(0x8010)
    expect(sent).toContainEqual({ to: 0x8020, message: { type: 'Failed', peer: toPeer(0x8010) } })
    expect(sent).toContainEqual({ to: 0x8020, message: expect.objectContaining({ type: 'LeafSetRequest' }) })
  })

  it('of one that only others speak of is found out by asking it', () => {
    const rig = place()
    expect(rig.receive(0x7ff0, { type: 'Failed', peer: toPeer(0x8010) })).toMatchObject([
      { to: 0x8010, message: { type: 'Ping' } },
    ])
    expect(rig.receive(0x1234, { type: 'Failed', peer: toPeer(0x8010) })).toEqual([])
    expect(rig.machine.drops).toEqual({ 'not-a-neighbor': 1 })
    expect(rig.machine.neighbors).toContain(0x8010)
  })

  it('leaves a hole in the table that another node of the row fills', () => {
    const rig = place()
    rig.receive(0x9999, route('8412', [0x9999]))
    rig.host.clock = 3000
    rig.machine.onTimer(1, 7)
    for (let nonce = 1; nonce < 5; nonce++) rig.machine.onTimer(5, nonce)
    rig.host.clock = 6000
    for (let nonce = 1; nonce < 5; nonce++) rig.machine.onTimer(5, nonce)
    const asked = rig.sent().find(({ message }) => message.type === 'RowRequest')
    expect(asked?.message).toEqual({ type: 'RowRequest', row: 1 })
    expect([0x8700, 0x8f00]).toContain(asked?.to)
    rig.receive(asked?.to as number, { type: 'Row', row: 1, peers: peers(0x8444, 0x8400) })
    expect(rig.machine.tables.routingTable.entryFor(key('8412'))).toBe(0x8444)
  })

  it('brings nobody back for a minute that others still speak of', () => {
    const rig = place()
    rig.receive(0x8010, { type: 'Leave' })
    expect(rig.machine.neighbors).not.toContain(0x8010)
    rig.receive(0x8020, { type: 'LeafSet', leafSet: peers(0x8010) })
    expect(rig.machine.neighbors).not.toContain(0x8010)
    rig.host.clock = 60_001
    expect(rig.receive(0x8020, { type: 'LeafSet', leafSet: peers(0x8010) })).toMatchObject([
      { to: 0x8010, message: { type: 'Ping' } },
    ])
    rig.receive(0x8010, { type: 'Pong', nonce: 1, isJoined: true })
    expect(rig.machine.neighbors).toContain(0x8010)
  })
})
