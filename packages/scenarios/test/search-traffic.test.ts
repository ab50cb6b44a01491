import { TrafficCounter } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { QUERIES_PER_NODE_PER_SECOND, SESSION_SECONDS, SearchTraffic } from '../src/search-traffic.ts'

interface Note {
  readonly type: 'Query' | 'Hit' | 'Ping'
}

function send(counter: TrafficCounter<Note>, type: Note['type'], count: number, bytes: number): void {
  for (let i = 0; i < count; i++) counter.onSend(0, 1, { type }, bytes)
}

describe('what searching costs', () => {
  it('is told from what is sent anyway, before the first query and after', () => {
    const counter = new TrafficCounter<Note>()
    const traffic = new SearchTraffic(counter, ['Query', 'Hit'])
    send(counter, 'Ping', 10, 36)
    traffic.endSetup(5000)
    send(counter, 'Query', 20, 50)
    send(counter, 'Hit', 4, 100)
    send(counter, 'Ping', 50, 20)
    const cost = traffic.cost(10, 2, 25_000)
    expect(cost).toMatchObject({
      messagesPerQuery: 12,
      messagesPerQueryByKind: { Query: 10, Hit: 2 },
      bytesPerQuery: 700,
      setupBytesPerNode: 36,
      backgroundBytesPerNodePerSecond: 5,
      messages: { Ping: 60, Query: 20, Hit: 4 },
    })
    expect(cost.bytesPerNodePerSecond).toBeCloseTo(700 * QUERIES_PER_NODE_PER_SECOND + 5 + 36 / SESSION_SECONDS, 9)
  })

  it('is nothing where nothing is sent', () => {
    const cost = new SearchTraffic(new TrafficCounter<Note>(), ['Query']).cost(10, 1, 0)
    expect([cost.messagesPerQuery, cost.bytesPerNodePerSecond]).toEqual([0, 0])
  })
})
