import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPage, contentOf } from './built-page.ts'

/** All that the page loads first: markup, styles, scripts. */
const PAGE_BYTES_MAX = 300 * 1024
/** What it takes until the page can be used: everything but the peer itself. */
const USABLE_BYTES_MAX = 45 * 1024

let files: Awaited<ReturnType<typeof buildPage>>
beforeAll(async () => {
  files = await buildPage()
})

describe('the built page', () => {
  it('is under 300 KiB gzipped in all, the structured overlays aside, which the peer loads when it runs', () => {
    const first = files.map(({ fileName }) => fileName).filter((name) => !isLoadedLater(name))
    expect(files.length - first.length).toBe(1)
    expect(gzippedBytes(first)).toBeLessThan(PAGE_BYTES_MAX)
  })

  it('is usable after 45 KiB, before libp2p is there', () => {
    const entry = files.find((file) => file.type === 'chunk' && file.isEntry)
    const scripts = entry?.type === 'chunk' ? [entry.fileName, ...entry.imports] : []
    expect(scripts.length).toBeGreaterThan(0)
    const rest = files.map(({ fileName }) => fileName).filter((name) => /\.(html|css)$/.test(name))
    expect(gzippedBytes([...scripts, ...rest])).toBeLessThan(USABLE_BYTES_MAX)
  })

  it('loads every script at once, so that it can go on when its server is gone', () => {
    const page = files.find(({ fileName }) => fileName === 'index.html')
    const html = page === undefined ? '' : String(contentOf(page))
    const scripts = files.filter(({ type }) => type === 'chunk')
    expect(scripts.length).toBeGreaterThan(1)
    for (const { fileName } of scripts) {
      if (isLoadedLater(fileName)) expect(html).not.toContain(fileName)
      else expect(html).toContain(`"./${fileName}"`)
    }
  })

  it('has one version of each dependency', () => {
    const versions = new Map<string, Set<string>>()
    for (const file of files) {
      for (const module of file.type === 'chunk' ? file.moduleIds : []) {
        const [, name, version] = /\/node_modules\/\.pnpm\/((?:@[^@+]+\+)?[^@]+)@([^/_]+)/.exec(module) ?? []
        if (name !== undefined && version !== undefined)
          versions.set(name, (versions.get(name) ?? new Set()).add(version))
      }
    }
    expect([...versions.keys()]).toEqual(expect.arrayContaining(['protons-runtime', 'multiformats', 'uint8arraylist']))
    const twice = [...versions].filter(([, found]) => found.size > 1).map(([name, found]) => [name, ...found])
    expect(twice).toEqual([])
  })
})

function isLoadedLater(fileName: string): boolean {
  return fileName.includes('lookup-services')
}

function gzippedBytes(fileNames: readonly string[]): number {
  return files
    .filter(({ fileName }) => fileNames.includes(fileName))
    .reduce((sum, file) => sum + gzipSync(contentOf(file)).length, 0)
}
