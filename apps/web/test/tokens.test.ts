import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../src/style/tokens.css'), 'utf8')
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
const lightTokens = tokensOf(light)
const THEMES = [
  ['light', lightTokens],
  ['dark', { ...lightTokens, ...tokensOf(dark) }],
] as const

/** Inks, and the grounds that they stand on somewhere. */
const GROUNDS = {
  ink: ['paper', 'surface', 'sunken', 'accent-wash', 'amber-wash'],
  'ink-soft': ['paper', 'surface', 'sunken', 'accent-wash'],
  accent: ['paper', 'surface', 'accent-wash'],
  amber: ['paper', 'surface'],
  good: ['paper', 'surface', 'accent-wash'],
  bad: ['paper', 'surface'],
  'accent-ink': ['accent', 'accent-hover'],
} as const
const TEXT = Object.entries(GROUNDS).flatMap(([ink, grounds]) => grounds.map((ground) => ({ ink, ground })))

describe.each(THEMES)('the %s theme', (_name, tokens) => {
  it.each(TEXT)('can be read: $ink on $ground', ({ ink, ground }) => {
    expect(contrast(tokens[ink], tokens[ground])).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['paper', 'surface'])('shows the edges of what can be pressed on %s', (ground) => {
    expect(contrast(tokens['line-strong'], tokens[ground])).toBeGreaterThanOrEqual(3)
  })
})

function tokensOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name, color]))
}

/** Contrast ratio as WCAG 2.2 defines it. */
function contrast(a = '', b = ''): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
