import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../csp.ts'
import { buildPage, contentOf } from './built-page.ts'

const source = join(import.meta.dirname, '../src')

describe('the policy of the page', () => {
  let html: string
  beforeAll(async () => {
    const page = (await buildPage()).find(({ fileName }) => fileName === 'index.html')
    html = page === undefined ? '' : String(contentOf(page))
  })

  it('stands in the page before anything that it governs', () => {
    const policy = html.indexOf('http-equiv="Content-Security-Policy"')
    expect(policy).toBeGreaterThan(0)
    for (const element of ['<script', '<link', '<style']) {
      const at = html.indexOf(element)
      if (at !== -1) expect(policy).toBeLessThan(at)
    }
  })

  it('allows nothing inline, and the page has nothing inline', () => {
    expect(contentSecurityPolicy).not.toContain('unsafe-inline')
    expect(contentSecurityPolicy).not.toContain("'unsafe-eval'")
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i)
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain('src=')
  })

  it('loads from this server alone', () => {
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
  })
})

describe('the sources', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))

  it.each(files)('%s makes no markup from text', (name) => {
    const text = readFileSync(join(source, name), 'utf8')
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment/
    )
  })
})
