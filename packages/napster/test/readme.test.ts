import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { effects } from './example.ts'

describe('the example of the README', () => {
  it('is the one that is run here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const example = readFileSync(new URL('./example.ts', import.meta.url), 'utf8')
    expect(readme).toContain(example.replaceAll('export ', '').trim())
  })

  it('does what it says', () => {
    const sent = effects.filter((effect) => effect.effect === 'send').map(({ message }) => message.type)
    expect(sent).toEqual(['Login', 'Search'])
    expect(effects).toContainEqual({ effect: 'emit', event: expect.objectContaining({ type: 'login' }) })
  })
})
