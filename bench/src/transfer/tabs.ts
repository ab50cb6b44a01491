import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { findBrowser, hasSandbox, LAUNCH_FLAGS } from '../../../scripts/browser.mjs'

const MIB = 1_048_576

/** Two tabs of one browser, of which the first fetches what the second shares. */
export interface Tabs {
  readonly receiver: Page
  readonly sender: Page
  close(): Promise<void>
}

/** Opens the page twice, in a profile on disk: a private window would keep its files in memory. */
export async function openTabs(url: string, folder: string): Promise<Tabs> {
  const executablePath = findBrowser()
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    args: LAUNCH_FLAGS,
    chromiumSandbox: hasSandbox,
    ...(executablePath === undefined ? {} : { executablePath }),
  })
  const [receiver, sender] = await Promise.all([openTab(context, url), openTab(context, url)])
  return { receiver, sender, close: () => context.close() }
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.evaluate(async () => void (await bench))
  return page
}

/** Connects the tabs by a bare RTCDataChannel. The bench carries their descriptions: no signaling is measured. */
export async function connectBare({ receiver, sender }: Tabs): Promise<void> {
  const offer = await receiver.evaluate(async () => (await bench).bare.offer())
  const answer = await sender.evaluate(async (text) => (await bench).bare.answer(text), offer)
  await receiver.evaluate(async (text) => (await bench).bare.accept(text), answer)
}

/** Writes a file whose chunks all differ, and chooses it in a tab as a person would. */
export async function chooseFile(page: Page, folder: string, size: number): Promise<void> {
  const path = join(folder, 'bench.bin')
  const file = await open(path, 'w')
  const part = Buffer.alloc(MIB)
  crypto.getRandomValues(part.subarray(0, 65_536))
  for (let at = 0; at < size; at += MIB) {
    part.writeDoubleBE(at)
    await file.write(part, 0, Math.min(MIB, size - at))
  }
  await file.close()
  await page.locator('input').setInputFiles(path)
}
