import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { PongCache } from '../../src/v06/pong-cache.ts'

const [A, B, C] = [toPeer(1), toPeer(2), toPeer(3)] as const
const pong = (peer: number, hops = 1) => ({
  peer: toPeer(peer),
  hops,
  fileCount: peer,
  kilobyteCount: 8,
  ultrapeer: { leaves: 3, ultrapeers: 1 },
})
const cache = () => new PongCache({ pongsPerNeighborMax: 10, pongAgeMs: 20_000 })
const peers = (answer: readonly { peer: unknown }[]) => answer.map(({ peer }) => peer)

describe('a pong cache', () => {
  it('answers with what it was told', () => {
    const pongs = cache()
    pongs.add(A, pong(100, 3), 0)
    expect(pongs.answer(B, 10, 0)).toMatchObject([pong(100, 3)])
  })

  it('never answers a neighbor with what it said itself, or with itself', () => {
    const pongs = cache()
    pongs.add(A, pong(100), 0)
    pongs.add(B, pong(1), 0)
    expect(pongs.answer(A, 10, 0)).toEqual([])
    expect(peers(pongs.answer(C, 10, 0))).toEqual([100, 1])
  })

  it('keeps the last ten of each neighbor, each peer once', () => {
    const pongs = cache()
    for (let peer = 100; peer < 130; peer++) pongs.add(A, pong(peer), peer)
    pongs.add(A, pong(125), 200)
    expect(pongs.size).toBe(10)
    expect(peers(pongs.answer(B, 20, 200))).toEqual([125, 129, 128, 127, 126, 124, 123, 122, 121, 120])
  })

  it('takes from each neighbor in turn', () => {
    const pongs = cache()
    for (let peer = 100; peer < 110; peer++) pongs.add(A, pong(peer), 0)
    pongs.add(B, pong(200), 0)
    pongs.add(B, pong(109), 0)
    expect(peers(pongs.answer(C, 4, 0))).toEqual([109, 108, 200, 107])
  })

  it('forgets what is older than twenty seconds, and neighbors that have gone', () => {
    const pongs = cache()
    pongs.add(A, pong(100), 0)
    pongs.add(B, pong(200), 5000)
    expect(peers(pongs.answer(C, 10, 20_001))).toEqual([200])
    pongs.forget(B)
    expect([pongs.size, pongs.answer(C, 10, 20_001)]).toEqual([1, []])
  })
})
