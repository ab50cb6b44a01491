import { describe, expect, it } from 'vitest'
import { avatarPattern } from '../src/ui/avatar-pattern.ts'

const ids = Array.from({ length: 500 }, (_, i) => `12D3KooW${(i * 2654435761).toString(36)}`)

describe('avatarPattern', () => {
  it('is the same for the same PeerId', () => {
    expect(avatarPattern('12D3KooWabc')).toEqual(avatarPattern('12D3KooWabc'))
  })

  it('is another one for almost every other PeerId', () => {
    const patterns = new Set(ids.map((id) => JSON.stringify(avatarPattern(id))))
    expect(patterns.size).toBeGreaterThan(ids.length * 0.99)
  })

  it('mirrors its left half', () => {
    for (const id of ids) {
      for (const ring of avatarPattern(id).rings) {
        const drawn = segments(ring)
        for (let i = 0; i < 12; i++) expect(drawn.has(i)).toBe(drawn.has(11 - i))
      }
    }
  })

  it('has something on every ring, as arcs that do not touch', () => {
    for (const id of ids) {
      for (const ring of avatarPattern(id).rings) {
        expect(ring.length).toBeGreaterThan(0)
        const drawn = segments(ring)
        for (const [first, length] of ring) {
          if (length < 12) expect(drawn.has((first + length) % 12)).toBe(false)
        }
      }
    }
  })

  it('sets its marks off from its ground', () => {
    for (const id of ids) {
      const { groundHue, markHue } = avatarPattern(id)
      const apart = Math.abs(groundHue - markHue)
      expect(Math.min(apart, 360 - apart)).toBeGreaterThanOrEqual(100)
    }
  })
})

function segments(ring: readonly (readonly [number, number])[]): Set<number> {
  return new Set(ring.flatMap(([first, length]) => Array.from({ length }, (_, i) => (first + i) % 12)))
}
