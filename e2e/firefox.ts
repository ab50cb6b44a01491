import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core'
import { FIREFOX_PREFERENCES, findFirefox } from '../scripts/browser.mjs'
import { test as base, expect } from './fixtures.ts'
import type { PersonsTab } from './tab.ts'

/** Folders within that of a Firefox: files to share, and downloads. */
const SHARED = 'shared'
const SAVED = 'saved'

/** How long a tab may take for what it does in a second when the machine is idle. */
const PATIENCE_MS = 45_000

const NONE = 'There is no Firefox here. Install it, or set SERVENT_FIREFOX to its program.'

/** A Firefox for all tests of a worker, and the folder of all that it needs. */
interface Firefox {
  readonly browser: Browser
  readonly folder: string
}

interface TestFixtures {
  /** Opens the page in a new tab of Firefox. */
  readonly openFirefoxTab: () => Promise<FirefoxTab>
}

interface WorkerFixtures {
  /** Undefined where there is none. */
  readonly firefox: Firefox | undefined
}

/** The `test` of the other files with a Firefox beside its Chromium; a script error in a tab of either fails the test. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  firefox: [
    async ({ headless }, use) => {
      const executablePath = findFirefox()
      if (executablePath === undefined) return use(undefined)
      const folder = await mkdtemp(join(tmpdir(), 'servent-firefox-'))
      await Promise.all([mkdir(join(folder, SHARED)), mkdir(join(folder, SAVED))])
      const browser = await launch(executablePath, folder, headless)
      await use({ browser, folder })
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  openFirefoxTab: async ({ bootstrap, firefox }, use, { skip }) => {
    if (firefox === undefined) return skip(true, NONE)
    const errors: string[] = []
    const pages: Page[] = []
    await use(async () => {
      const page = await firefox.browser.newPage()
      pages.push(page)
      page.on('pageerror', (error) => errors.push(String(error)))
      await page.goto(bootstrap.url)
      return new FirefoxTab(page, firefox.folder)
    })
    for (const page of pages) if (!page.isClosed()) await page.close()
    expect(errors, 'errors in tabs of Firefox').toEqual([])
  },
})

async function launch(executablePath: string, folder: string, headless: boolean): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless,
    userDataDir: join(folder, 'profile'),
    extraPrefsFirefox: {
      ...FIREFOX_PREFERENCES,
      // Downloads go into our folder without a question.
      'browser.download.folderList': 2,
      'browser.download.dir': join(folder, SAVED),
      'browser.download.always_ask_before_handling_new_types': false,
    },
  })
}

/** One tab of Firefox as a person uses it. */
class FirefoxTab implements PersonsTab {
  readonly page: Page
  readonly #folder: string

  constructor(page: Page, folder: string) {
    this.page = page
    this.#folder = folder
  }

  async name(): Promise<string> {
    await this.waitFor('[data-testid=me-name]:not(:empty)')
    return this.page.$eval('[data-testid=me-name]', (element) => element.textContent)
  }

  async share(name: string, bytes: Buffer): Promise<void> {
    const path = join(this.#folder, SHARED, name)
    await writeFile(path, bytes)
    const input = (await this.page.waitForSelector('[data-testid=drop-input]')) as ElementHandle<HTMLInputElement>
    await input.uploadFile(path)
    await this.waitFor(`[data-testid=share]:has([title=${JSON.stringify(name)}])`)
  }

  async searchUntil(words: string, ...names: string[]): Promise<void> {
    await expect(async () => {
      await this.page.locator('[data-testid=search-input]').fill(words)
      await this.page.keyboard.press('Enter')
      for (const name of names) await this.page.waitForSelector(hit(name), { timeout: 3000 })
    }).toPass({ timeout: 120_000 })
  }

  async get(name: string): Promise<Buffer> {
    await this.startGet(name)
    return this.saved(name)
  }

  /** Begins to fetch a hit. */
  async startGet(name: string): Promise<void> {
    await this.page.locator(`${hit(name)} [data-testid=hit-get]`).click()
  }

  /** The bytes of a file, once the page says that it is saved, and the browser has done so. */
  async saved(name: string): Promise<Buffer> {
    await this.waitFor('[data-testid=download-state][data-phase=saved]')
    const folder = join(this.#folder, SAVED)
    const path = join(folder, name)
    // Firefox reserves the name with an empty file, and writes into another until all is there.
    const isThere = async () => {
      const names = await readdir(folder)
      return names.includes(name) && !names.some((other) => other.endsWith('.part')) && (await stat(path)).size > 0
    }
    await expect.poll(isThere, { timeout: PATIENCE_MS }).toBe(true)
    const bytes = await readFile(path)
    await rm(path)
    return bytes
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  async click(id: string): Promise<void> {
    await this.page.locator(`[data-testid=${id}]`).click()
  }

  /** Resolves when there is an element that a selector of CSS matches. */
  async waitFor(selector: string): Promise<void> {
    await this.page.waitForSelector(selector, { timeout: PATIENCE_MS })
  }

  /** The `data-bytes` of all elements with this test id, added up. */
  bytesOf(id: string): Promise<number> {
    return this.page.$$eval(`[data-testid=${id}]`, (elements) =>
      elements.reduce((sum, element) => sum + Number(element.getAttribute('data-bytes')), 0)
    )
  }
}

/** A selector of CSS for the hit of a file name. */
function hit(name: string): string {
  return `[data-testid=hit]:has([title=${JSON.stringify(name)}])`
}
