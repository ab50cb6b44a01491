import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { createPrivateKey, identityOf, readPrivateKey } from '../src/identity.ts'
import type { Answer } from '../src/overlays/search-overlay.ts'
import { HitMerger } from '../src/search/hit-merger.ts'

const song = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
const other = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
const sha1 = new Uint8Array(20).fill(7)

const [alice, bob] = await Promise.all([newPeer(), newPeer()])

async function newPeer(): Promise<string> {
  return peerIdFromPrivateKey(readPrivateKey(await createPrivateKey())).toString()
}

function answer(change: Partial<Answer> = {}): Answer {
  return {
    name: 'song.ogg',
    size: 5,
    cid: song.bytes,
    sha1: undefined,
    peer: alice,
    hops: 2,
    push: undefined,
    ...change,
  }
}

describe('answers of several overlays', () => {
  it('are one hit a content, with one source a peer and one finding an overlay', () => {
    const merger = new HitMerger(undefined)
    merger.take(answer(), 'gnutella', 10)
    merger.take(answer({ name: 'the same.ogg', peer: bob, hops: 3 }), 'gnutella', 20)
    const hit = merger.take(answer({ hops: 1 }), 'napster', 30)
    expect(hit).toEqual({
      cid: song.toString(),
      name: 'song.ogg',
      size: 5,
      sha1: undefined,
      sources: [
        {
          peer: identityOf(alice),
          findings: [
            { overlay: 'gnutella', hops: 2, afterMs: 10 },
            { overlay: 'napster', hops: 1, afterMs: 30 },
          ],
          pushPaths: [],
        },
        { peer: identityOf(bob), findings: [{ overlay: 'gnutella', hops: 3, afterMs: 20 }], pushPaths: [] },
      ],
    })
    expect(merger).toMatchObject({ hitCount: 1, sourceCount: 2 })
    expect([merger.foundAloneCount('gnutella'), merger.foundAloneCount('napster')]).toEqual([1, 0])
  })

  it('tell nothing new twice', () => {
    const merger = new HitMerger(undefined)
    merger.take(answer(), 'gnutella', 10)
    expect(merger.take(answer(), 'gnutella', 11)).toBeUndefined()
    expect(merger.take(answer({ cid: other.bytes }), 'gnutella', 12)?.cid).toBe(other.toString())
  })

  it('join a known content by SHA-1 when they have no CID', () => {
    const merger = new HitMerger(undefined)
    expect(merger.take(answer({ cid: undefined, sha1, peer: bob }), 'napster', 1)).toBeUndefined()
    merger.take(answer({ sha1 }), 'gnutella', 2)
    expect(merger.take(answer({ cid: undefined, sha1, peer: bob }), 'napster', 3)?.sources).toHaveLength(2)
  })

  it('keep what is needed to ask for a push, whoever told of it first', () => {
    const push = { overlay: 'gnutella', serventId: '0123456789abcdef', fileIndex: 3 } as const
    const merger = new HitMerger(undefined)
    merger.take(answer(), 'napster', 1)
    expect(merger.take(answer({ push }), 'gnutella', 2)?.sources[0].pushPaths).toEqual([push])
  })

  it('are left out when they do not say who, what, or are not what was looked for', () => {
    const merger = new HitMerger(other.toString())
    expect(merger.take(answer({ peer: undefined }), 'gnutella', 1)).toBeUndefined()
    expect(merger.take(answer({ cid: new Uint8Array([1, 2, 3]) }), 'gnutella', 1)).toBeUndefined()
    expect(merger.take(answer(), 'gnutella', 1)).toBeUndefined()
    expect(merger.take(answer({ cid: other.bytes }), 'gnutella', 1)).toBeDefined()
    expect(merger.hitCount).toBe(1)
  })

  it('are no more contents and no more sources than anybody reads', () => {
    const merger = new HitMerger(undefined)
    const bytes = song.bytes.slice()
    for (let i = 0; i < 1200; i++) {
      bytes.set([i & 255, i >> 8], bytes.length - 2)
      merger.take(answer({ cid: bytes.slice() }), 'gnutella', 1)
    }
    expect(merger.hitCount).toBe(1000)
  })
})
