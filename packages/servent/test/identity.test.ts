import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { createPrivateKey, identityOf, nameOf, readPrivateKey } from '../src/identity.ts'
import { ADJECTIVES, ANIMALS } from '../src/words.ts'

describe('identity', () => {
  it('gives a PeerId the same two words for ever', () => {
    expect(nameOf('12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq')).toMatchInlineSnapshot(`"Perky Ray"`)
    expect(nameOf('12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v')).toMatchInlineSnapshot(`"Minty Bat"`)
  })

  it('chooses from 256 adjectives and 256 animals, all different', () => {
    expect(new Set(ADJECTIVES).size).toBe(256)
    expect(new Set(ANIMALS).size).toBe(256)
    expect([...ADJECTIVES, ...ANIMALS].every((word) => /^[A-Z][a-z]+$/.test(word))).toBe(true)
  })

  it('spreads keys over the names', async () => {
    const names = new Set<string>()
    for (let i = 0; i < 100; i++)
      names.add(nameOf(peerIdFromPrivateKey(readPrivateKey(await createPrivateKey())).toString()))
    expect(names.size).toBeGreaterThan(95)
  })

  it('keeps a key as bytes', async () => {
    const bytes = await createPrivateKey()
    const id = peerIdFromPrivateKey(readPrivateKey(bytes)).toString()
    expect(peerIdFromPrivateKey(readPrivateKey(bytes.slice())).toString()).toBe(id)
    expect(identityOf(id)).toEqual({ id, name: nameOf(id) })
  })
})
