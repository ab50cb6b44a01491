import { readFile } from 'node:fs/promises'
import { type Download, expect, type Locator, type Page } from '@playwright/test'

interface KeyRow {
  readonly key: string | undefined
  readonly state: string
  readonly value: string
}

/** What a person does in a tab of whatever browser. */
export interface PersonsTab {
  /** Who this tab is, once it is somebody. */
  name(): Promise<string>
  /** Chooses a file to share and waits until it is listed. */
  share(name: string, bytes: Buffer): Promise<void>
  /** Asks, again and again as a person would, until all these are found: what is newly shared takes a moment to be known. */
  searchUntil(words: string, ...names: string[]): Promise<void>
  /** Fetches a hit and gives the bytes as they lie in the saved file. */
  get(name: string): Promise<Buffer>
  reload(): Promise<void>
}

/** One tab of Chromium. */
export class Tab implements PersonsTab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  byTestId(id: string): Locator {
    return this.page.getByTestId(id)
  }

  async name(): Promise<string> {
    const name = this.byTestId('me-name')
    await expect(name).toHaveText(/\S/)
    return (await name.textContent()) ?? ''
  }

  /** Resolves when so many peers are connected, or more. */
  async waitForPeers(count: number): Promise<void> {
    await expect(this.byTestId('peer').nth(count - 1), `${count} peers`).toBeAttached({ timeout: 90_000 })
  }

  /** Resolves when so many peers, the bootstrap node among them, are connected without a relay, or more. */
  async waitForDirect(count: number): Promise<void> {
    const direct = this.page.locator('[data-testid=peer][data-path=direct]')
    await expect(direct.nth(count - 1), `${count} direct peers`).toBeAttached({ timeout: 90_000 })
  }

  /** The row of a connected peer. */
  peer(name: string): Locator {
    return this.byTestId('peer').filter({ has: this.page.getByText(name, { exact: true }) })
  }

  /** Makes a connected peer a Gnutella neighbor, or no longer one. */
  async setNeighbor(name: string, isNeighbor: boolean): Promise<void> {
    const row = this.peer(name)
    const button = row.getByRole('button', { name: `${isNeighbor ? 'Link' : 'Unlink'} ${name}`, exact: true })
    // Peers link by themselves as well, so what the button does may change under the finger.
    await expect(async () => {
      if (await button.isVisible()) await button.click({ timeout: 2000 })
      await expect(row).toHaveAttribute('data-neighbor', String(isNeighbor), { timeout: 2000 })
    }).toPass({ timeout: 120_000 })
  }

  async share(name: string, bytes: Buffer): Promise<void> {
    const before = await this.byTestId('share').count()
    await this.byTestId('drop-input').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: bytes })
    await expect(this.byTestId('share')).toHaveCount(before + 1)
  }

  /** Types words and asks for them. */
  async search(words: string): Promise<void> {
    await this.byTestId('search-input').fill(words)
    await this.byTestId('search-input').press('Enter')
  }

  async searchUntil(words: string, ...names: string[]): Promise<void> {
    await expect(async () => {
      await this.search(words)
      for (const name of names) await expect(this.hit(name)).toBeVisible({ timeout: 3000 })
    }).toPass({ timeout: 120_000 })
  }

  /** Leaves all overlays but one out of searches. */
  async askOnly(overlay: string): Promise<void> {
    const boxes = this.page.locator('input[data-testid^=ask-]')
    await this.byTestId(`ask-${overlay}`).setChecked(true)
    for (const box of await boxes.all()) {
      if ((await box.getAttribute('data-testid')) !== `ask-${overlay}`) await box.setChecked(false)
    }
  }

  /** Stores values on a structured overlay, as often as it takes until each is kept by somebody. Gives their keys. */
  async storeValues(overlay: string, values: readonly string[]): Promise<string[]> {
    const keys = new Set<string>()
    await this.openKeys(overlay)
    await expect(async () => {
      await this.runKeys('store', values)
      for (const row of await this.keyRows('store', overlay)) if (row.key !== undefined) keys.add(row.key)
      expect(keys.size).toBe(values.length)
    }).toPass({ timeout: 150_000 })
    return [...keys]
  }

  /** Looks keys up on a structured overlay, as often as it takes until each is found. Gives the values. */
  async lookUpKeys(overlay: string, keys: readonly string[]): Promise<string[]> {
    const values = new Map<string, string>()
    await this.openKeys(overlay)
    await expect(async () => {
      const missing = keys.filter((key) => !values.has(key))
      await this.runKeys('look-up', missing)
      for (const { key, value, state } of await this.keyRows('look-up', overlay)) {
        if (key !== undefined && state === 'done') values.set(key, value)
      }
      expect(values.size).toBe(keys.length)
    }).toPass({ timeout: 150_000 })
    return [...values.values()]
  }

  private async openKeys(overlay: string): Promise<void> {
    const panel = this.page.locator('details.keys')
    if (!(await panel.evaluate((element) => element.hasAttribute('open')))) await panel.locator('summary').click()
    await this.byTestId(`key-overlay-${overlay}`).check()
  }

  private async runKeys(does: 'store' | 'look-up', lines: readonly string[]): Promise<void> {
    if (await this.page.getByRole('button', { name: 'Clear the list' }).isVisible()) {
      await this.page.getByRole('button', { name: 'Clear the list' }).click()
    }
    await this.byTestId('key-lines').fill(lines.join('\n'))
    await this.byTestId(does === 'store' ? 'key-store' : 'key-look-up').click()
    await expect(
      this.page.locator('[data-testid=key-request]:is([data-state=waiting],[data-state=running])')
    ).toHaveCount(0, {
      timeout: 60_000,
    })
  }

  private keyRows(does: string, overlay: string): Promise<readonly KeyRow[]> {
    return this.page
      .locator(`[data-testid=key-request][data-does=${does}][data-overlay=${overlay}]`)
      .evaluateAll((rows) =>
        rows.map((row) => ({
          key: row.getAttribute('data-key') ?? undefined,
          state: row.getAttribute('data-state') ?? '',
          value: row.querySelector('[data-testid=key-value]')?.textContent ?? '',
        }))
      )
  }

  /** The hit for a file name. */
  hit(name: string): Locator {
    return this.byTestId('hit').filter({ has: this.page.getByText(name, { exact: true }) })
  }

  async get(name: string): Promise<Buffer> {
    const saved = this.page.waitForEvent('download')
    await this.hit(name).getByTestId('hit-get').click()
    await expect(this.byTestId('download-state').first()).toHaveAttribute('data-phase', 'saved')
    return this.saved(await saved)
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  /** The bytes of a saved file. */
  async saved(download: Download): Promise<Buffer> {
    return readFile(await download.path())
  }
}
