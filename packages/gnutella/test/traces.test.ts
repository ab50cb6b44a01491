import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { Network } from './network.ts'

/*
 * Whole exchanges, each message a line, in test/traces. Commit a changed trace only if you can say what changed it.
 */
describe('traces', () => {
  it('a servent joins: it pings its neighbors, they answer, and theirs answer through them', async () => {
    const network = new Network(4)
    network.share(3, 'one.txt', { size: 5000 })
    network.link('2-3 3-4')
    network.do('1 connects to 2', () => network.servent(1).connect(toPeer(2)))
    await expect(network.toString()).toMatchFileSnapshot('traces/join.txt')
  })

  it('a query floods a network with loops: handled once by each, answered the way it came', async () => {
    const network = new Network(5)
    network.link('1-2 1-3 2-4 3-4 2-3 4-5')
    network.share(4, 'Alpha Song.txt')
    network.share(5, 'another alpha song.mp3')
    network.share(5, 'beta.txt')
    network.do('1 asks for "alpha song"', () => network.servent(1).query('alpha song'))
    network.do('1 asks for "beta" two links away', () => network.servent(1).query('beta', { ttl: 2 }))
    network.do('4 asks for "beta" one link away', () => network.servent(4).query('beta', { ttl: 1 }))
    await expect(network.toString()).toMatchFileSnapshot('traces/query-flood.txt')
  })

  it('a servent that cannot be reached is asked to connect out, along the way its hit came', async () => {
    const network = new Network(4)
    network.link('1-2 2-3 3-4')
    network.share(4, 'Alpha Song.txt')
    network.do('1 asks for "alpha"', () => network.servent(1).query('alpha'))
    network.do('1 asks 4 to push its file 1', () => network.servent(1).push(network.servent(4).serventId, 1))
    await expect(network.toString()).toMatchFileSnapshot('traces/push.txt')
  })

  it('an index query lists what neighbors share, and goes no farther', async () => {
    const network = new Network(3)
    network.link('1-2 2-3')
    for (let i = 1; i <= 12; i++) network.share(2, `file ${i}`)
    network.share(3, 'far away')
    network.do('1 asks for all there is', () => network.servent(1).query(''))
    await expect(network.toString()).toMatchFileSnapshot('traces/index-query.txt')
  })

  it('two servents that dial each other at once are neighbors once', async () => {
    const network = new Network(2, { joinTtl: 1 })
    network.do('1 and 2 connect to each other', () => {
      network.servent(1).connect(toPeer(2))
      network.servent(2).connect(toPeer(1))
    })
    network.do('1 hangs up and blocks 2, which tries again', () => {
      network.servent(1).block(toPeer(2))
    })
    network.pass(60_000)
    network.do('2 connects to 1', () => network.servent(2).connect(toPeer(1)))
    await expect(network.toString()).toMatchFileSnapshot('traces/crossed-dials.txt')
  })

  it('a node of the way is gone: the hit is dropped by name, and found again by another way', async () => {
    const network = new Network(5)
    network.link('1-2 2-3 3-4 1-5 5-4')
    network.share(4, 'Alpha Song.txt')
    network.do('2 and 3 part while the query of 1 is under way', () => {
      network.servent(1).query('alpha')
      network.servent(2).disconnect(toPeer(3))
    })
    await expect(network.toString()).toMatchFileSnapshot('traces/node-gone.txt')
  })
})
