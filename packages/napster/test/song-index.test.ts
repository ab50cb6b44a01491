import { keywords } from '@servent/library'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SharedSong, SongIndex } from '../src/index.ts'

const song = (name: string, extra: Partial<SharedSong> = {}): SharedSong => ({
  name,
  md5: '0'.repeat(32),
  size: 1000,
  bitrate: 128,
  frequency: 44_100,
  seconds: 60,
  cid: undefined,
  sha1: undefined,
  ...extra,
})

const found = (index: SongIndex, words: string, limit = 100) =>
  index.search({ words: keywords(words) }, limit).map(({ owner, song: { name } }) => `${owner} ${name}`)

describe('SongIndex', () => {
  it('finds songs by all their words, in any case and order', () => {
    const index = new SongIndex({ songsMax: 100 })
    const [a, b] = [index.addOwner(), index.addOwner()]
    for (const name of ['Alpha Song.mp3', 'beta song.mp3', 'Größe Alpha.ogg']) index.add(a, song(name))
    index.add(b, song('alpha solo'))
    expect(found(index, 'SONG alpha')).toEqual([`${a} Alpha Song.mp3`])
    expect(found(index, 'alpha')).toEqual([`${a} Alpha Song.mp3`, `${a} Größe Alpha.ogg`, `${b} alpha solo`])
    expect(found(index, 'alpha', 2)).toHaveLength(2)
    expect(found(index, 'grosse')).toHaveLength(1)
    for (const nothing of ['', 'alph', 'alpha gamma', '!']) expect(found(index, nothing)).toEqual([])
    expect(found(index, 'alpha', 0)).toEqual([])
  })

  it('gives a song back as it was, but for its MD5', () => {
    const index = new SongIndex({ songsMax: 100 })
    const owner = index.addOwner()
    const whole = song('dir\\東京 Song.mp3', {
      size: 2 ** 40,
      bitrate: 320,
      frequency: 48_000,
      seconds: 99_999,
      cid: new Uint8Array(68).fill(9),
      sha1: new Uint8Array(20).fill(7),
    })
    index.add(owner, { ...whole, md5: 'b92870e0d41bc8e698cf2f0a1ddfeac7' })
    expect(index.find(owner, whole.name)).toEqual(whole)
    expect(index.search({ words: [], cid: whole.cid }, 10)).toEqual([{ owner, song: whole }])
    expect(index.search({ words: [], sha1: whole.sha1 }, 10)).toEqual([{ owner, song: whole }])
    expect(index.search({ words: ['song'], cid: whole.cid, sha1: whole.sha1 }, 10)).toHaveLength(1)
    expect(index.search({ words: ['other'], cid: whole.cid }, 10)).toEqual([])
    expect(index.search({ words: [], cid: new Uint8Array(20).fill(7) }, 10)).toEqual([])
  })

  it('asks whether owner and rates will do', () => {
    const index = new SongIndex({ songsMax: 100 })
    const [a, b] = [index.addOwner(), index.addOwner()]
    index.add(a, song('one alpha', { bitrate: 64 }))
    index.add(b, song('two alpha', { bitrate: 192 }))
    const query = { words: ['alpha'], accepts: (owner: number, bitrate: number) => owner === b && bitrate > 100 }
    expect(index.search(query, 10).map(({ song: { name } }) => name)).toEqual(['two alpha'])
  })

  it('takes no more songs than it may, and each name of an owner once', () => {
    const index = new SongIndex({ songsMax: 2 })
    const owner = index.addOwner()
    expect(index.add(owner, song('one'))).toBe('added')
    expect(index.add(owner, song('one'))).toBe('duplicate')
    expect(index.add(owner, song('two'))).toBe('added')
    expect(index.add(owner, song('three'))).toBe('index-full')
    expect(index.remove(owner, 'one')).toBe(true)
    expect(index.remove(owner, 'one')).toBe(false)
    expect(index.add(owner, song('three'))).toBe('added')
    expect(index.byteCount).toBe(2000)
    expect(index.add(77, song('of nobody'))).toBe('index-full')
  })

  it('looks at no more songs than it may', () => {
    const index = new SongIndex({ songsMax: 1000, segmentSongs: 10, candidatesMax: 25 })
    const owner = index.addOwner()
    for (let i = 0; i < 50; i++) index.add(owner, song(`song ${i} ${i % 2 === 0 ? 'even' : 'odd'}`, { bitrate: i }))
    const bitrates = (words: string, least: number) => {
      const accepts = (_owner: number, bitrate: number) => bitrate >= least
      return index.search({ words: keywords(words), accepts }, 100).map(({ song: { bitrate } }) => bitrate)
    }
    expect(bitrates('song', 20)).toEqual([20, 21, 22, 23, 24])
    expect(bitrates('song odd', 40)).toEqual([41, 43, 45, 47, 49])
    expect(bitrates('song odd even', 0)).toEqual([])
    expect(bitrates('49 song', 0)).toEqual([49])
  })

  it('gives back the room of those who have gone', () => {
    const index = new SongIndex({ songsMax: 1_000_000, segmentSongs: 1000 })
    const stays = index.addOwner()
    for (let round = 0; round < 50; round++) {
      const owner = index.addOwner()
      for (let i = 0; i < 999; i++) index.add(owner, song(`song ${i} of ${round}`))
      index.add(stays, song(`lasting ${round}`))
      index.removeOwner(owner)
      while (index.compact(100)) expect(index.songCount).toBe(round + 1)
    }
    expect(index.songCountOf(stays)).toBe(50)
    expect(found(index, 'lasting')).toHaveLength(50)
    expect(found(index, 'song')).toEqual([])
    expect(index.placeCount).toBeLessThanOrEqual(2 * index.songCount + 2000)
    expect(index.ownerCount).toBe(1)
  })

  it('does as a plain list of songs does, whatever is done to it', () => {
    const owners = fc.nat(3)
    const words = ['alpha', 'beta', 'gamma', 'delta']
    const name = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((drawn) => drawn.join(' '))
    const content = fc.nat(4).map((fill) => Uint8Array.of(1, fill))
    const step = fc.oneof(
      { arbitrary: fc.record({ do: fc.constant('add' as const), owner: owners, name, content }), weight: 8 },
      { arbitrary: fc.record({ do: fc.constant('remove' as const), owner: owners, name }), weight: 3 },
      { arbitrary: fc.record({ do: fc.constant('go' as const), owner: owners }), weight: 1 },
      { arbitrary: fc.record({ do: fc.constant('compact' as const), songs: fc.nat(3) }), weight: 2 }
    )
    const anySteps = fc.array(step, { maxLength: 150, size: 'max' })
    forAll(anySteps, (steps) => {
      const index = new SongIndex({ songsMax: 30, segmentSongs: 4 })
      const ids = [0, 1, 2, 3].map(() => index.addOwner())
      let plain: { owner: number; name: string; content: Uint8Array }[] = []
      for (const each of steps) {
        if (each.do === 'add') {
          const owner = ids[each.owner] as number
          const isThere = plain.some((other) => other.owner === owner && other.name === each.name)
          const expected = plain.length >= 30 ? 'index-full' : isThere ? 'duplicate' : 'added'
          expect(index.add(owner, song(each.name, { cid: each.content }))).toBe(expected)
          if (expected === 'added') plain.push({ owner, name: each.name, content: each.content })
        } else if (each.do === 'remove') {
          const owner = ids[each.owner] as number
          const left = plain.filter((other) => other.owner !== owner || other.name !== each.name)
          expect(index.remove(owner, each.name)).toBe(left.length < plain.length)
          plain = left
        } else if (each.do === 'go') {
          const owner = ids[each.owner] as number
          index.removeOwner(owner)
          plain = plain.filter((other) => other.owner !== owner)
          ids[each.owner] = index.addOwner()
        } else {
          index.compact(each.songs)
        }
      }
      const sorted = (lines: string[]) => lines.sort()
      const lines = (songs: typeof plain) => sorted(songs.map(({ owner, name: held }) => `${owner} ${held}`))
      for (const first of words) {
        for (const second of words) {
          const holding = plain.filter(({ name: held }) => held.includes(first) && held.includes(second))
          expect(sorted(found(index, `${first} ${second}`))).toEqual(lines(holding))
        }
      }
      for (let fill = 0; fill < 5; fill++) {
        const same = index.search({ words: [], cid: Uint8Array.of(1, fill) }, 100)
        const expected = lines(plain.filter(({ content: held }) => held[1] === fill))
        expect(sorted(same.map(({ owner, song: { name: held } }) => `${owner} ${held}`))).toEqual(expected)
      }
      for (const owner of ids) {
        const own = plain.filter((other) => other.owner === owner).map(({ name: held }) => held)
        expect(sorted(index.songsOf(owner, 100).map(({ name: held }) => held))).toEqual(sorted(own))
        expect(index.songCountOf(owner)).toBe(own.length)
        for (const held of own) expect(index.find(owner, held)?.name).toBe(held)
      }
      expect(index.songCount).toBe(plain.length)
      expect(index.byteCount).toBe(1000 * plain.length)
    })
  })
})
