import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { effects, requests } from './example.ts'

describe('the example of the README', () => {
  it('is the one that is run here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const example = readFileSync(new URL('./example.ts', import.meta.url), 'utf8')
    expect(readme).toContain(example.replaceAll('export ', '').trim())
  })

  it('does what it says', () => {
    const sent = effects.filter((effect) => effect.effect === 'send').map(({ to, message }) => [to, message.type])
    // All go through the contact while it has no place of its own.
    expect(new Set(requests).size).toBe(3)
    expect(sent).toEqual(new Array(4).fill([1, 'FindSuccessor']))
  })
})
