import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { found, shown } from './example.ts'

describe('the example of the README', () => {
  it('is the one that is run here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const example = readFileSync(new URL('./example.ts', import.meta.url), 'utf8')
    expect(readme).toContain(example.replaceAll('export ', '').trim())
  })

  it('does what it says', () => {
    expect(found).toEqual(['1 Größe & Maße.pdf'])
    expect(shown).toBe('_.._reportfdp.exe')
  })
})
