import { describe, expect, it } from 'vitest'
import { dropPriority } from '../src/drop-priority.ts'
import type { Message } from '../src/messages.ts'
import { messagesOf } from './arbitraries.ts'

const of = (type: Message['type'], hops = 0) => dropPriority({ ...messagesOf(type), hops } as Message)

describe('what is spared a slow reader first', () => {
  it('"Push > QueryHit > Pong > Query > Ping", and all else of a link above them', () => {
    for (const hops of [0, 1, 7, 255]) {
      for (const others of [0, 1, 7, 255]) {
        const order = [
          of('Unknown'),
          of('Ping', hops),
          of('Query', others),
          of('Pong', hops),
          of('QueryHit', others),
          of('Push', hops),
          of('QrpPatch'),
        ]
        expect(order).toEqual([...order].sort((a, b) => a - b))
        expect(new Set(order.slice(1)).size).toBe(6)
      }
    }
  })

  it('of broadcasts, those that have come furthest', () => {
    for (const type of ['Ping', 'Query'] as const) expect(of(type, 0)).toBeGreaterThan(of(type, 3))
  })

  it('of replies, those that have come least far', () => {
    for (const type of ['Pong', 'QueryHit', 'Push'] as const) expect(of(type, 3)).toBeGreaterThan(of(type, 0))
  })

  it('never a handshake or a table, and there are few ranks', () => {
    for (const type of ['Connect', 'Ok', 'ConnectRequest', 'ConnectResponse', 'QrpReset', 'QrpPatch', 'Bye'] as const) {
      expect(of(type)).toBe(25)
    }
  })
})
