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
    const name = () => this.page.$eval('[data-testid=me-name]', (element) => element.textContent)
    await expect.poll(name).toMatch(/\S/)
    return name()
  }

  async share(name: string, bytes: Buffer): Promise<void> {
    const path = join(this.#folder, SHARED, name)
    await writeFile(path, bytes)
    const before = await this.count('share')
    const input = (await this.page.waitForSelector('[data-testid=drop-input]')) as ElementHandle<HTMLInputElement>
    await input.uploadFile(path)
    await expect.poll(() => this.count('share')).toBe(before + 1)
  }

  async searchUntil(words: string, ...names: string[]): Promise<void> {
    await expect(async () => {
      await this.page.locator('[data-testid=search-input]').fill(words)
      await this.page.keyboard.press('Enter')
      for (const name of names) await this.#hit(name).setTimeout(3000).wait()
    }).toPass({ timeout: 60_000 })
  }

  async get(name: string): Promise<Buffer> {
    await this.#hit(name, '[data-testid=hit-get]').click()
    await this.page.waitForSelector('[data-testid=download-state][data-phase=saved]', { timeout: 45_000 })
    return this.saved(name)
  }

  /** The bytes of a file that the browser has saved. */
  async saved(name: string): Promise<Buffer> {
    // Firefox reserves the name with an empty file and writes into another until all is there.
    const folder = join(this.#folder, SAVED)
    await expect.poll(() => readdir(folder), { timeout: 30_000 }).toEqual([name])
    const path = join(folder, name)
    await expect.poll(async () => (await stat(path)).size, { timeout: 30_000 }).toBeGreaterThan(0)
    const bytes = await readFile(path)
    await rm(path)
    return bytes
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  /** How many elements with this test id are there. */
  async count(id: string): Promise<number> {
    return (await this.page.$$(`[data-testid=${id}]`)).length
  }

  /** The hit for a file name, or something in it. */
  #hit(name: string, within = '') {
    return this.page.locator(`[data-testid=hit]:has([title="${name}"]) ${within}`)
  }
}
