import { type BrowserContext, test as base, expect } from '@playwright/test'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { Tab } from './tab.ts'

interface Fixtures {
  /** Flags of its command line. */
  readonly bootstrapFlags: readonly string[]
  /** A bootstrap node of this test's own. */
  readonly bootstrap: BootstrapProcess
  /** Opens the page in a new tab. All tabs of a test are of one browser window unless it gives another one. */
  readonly openTab: (options?: { readonly query?: string; readonly window?: BrowserContext }) => Promise<Tab>
}

/** Playwright's `test` with a bootstrap node and tabs; a script error in any tab fails the test. */
export const test = base.extend<Fixtures>({
  bootstrapFlags: [[], { option: true }],
  bootstrap: async ({ bootstrapFlags }, use) => {
    const node = await BootstrapProcess.start(...bootstrapFlags)
    await use(node)
    await node.dispose()
  },
  openTab: async ({ bootstrap, context }, use) => {
    const errors: string[] = []
    await use(async ({ query = '', window = context } = {}) => {
      const page = await window.newPage()
      page.on('pageerror', (error) => errors.push(String(error)))
      await page.goto(bootstrap.url + query)
      return new Tab(page)
    })
    expect(errors, 'errors in tabs').toEqual([])
  },
})

export { expect }

/** Bytes that look random and are the same each time. */
export function testBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}
