import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { findBrowser, hasSandbox, LAUNCH_FLAGS } from '../../../scripts/browser.mjs'
import type { Shared } from './page.ts'
import { processorTimeOf } from './processor.ts'
import { MIB } from './rates.ts'

/** Tabs of one browser, of which the first fetches what the others share. */
export interface Tabs {
  readonly receiver: Page
  readonly senders: readonly Page[]
  /** The processors' time that the browser has taken so far, in milliseconds, where it is known. */
  cpuMs(): number | undefined
}

/** Opens the bench page so many times, lets a sender have a file of `size` bytes, and closes the browser when the work is done. */
export async function withTabs<T>(
  { url, size, senders = 1 }: { readonly url: string; readonly size: number; readonly senders?: number },
  work: (tabs: Tabs) => Promise<T>
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'servent-bench-'))
  const profile = join(folder, 'profile')
  const context = await openBrowser(profile)
  try {
    const [receiver, ...others] = await Promise.all(Array.from({ length: senders + 1 }, () => openTab(context, url)))
    if (receiver === undefined) throw new Error('No tab was opened')
    const path = join(folder, 'bench.bin')
    await writeVaried(path, size)
    for (const sender of others) await sender.locator('input').setInputFiles(path)
    return await work({ receiver, senders: others, cpuMs: processorTimeOf(profile) })
  } finally {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** With a profile on disk: a private window would keep its files in memory. */
function openBrowser(profile: string): Promise<BrowserContext> {
  const executablePath = findBrowser()
  return chromium.launchPersistentContext(profile, {
    args: LAUNCH_FLAGS,
    chromiumSandbox: hasSandbox,
    ...(executablePath === undefined ? {} : { executablePath }),
  })
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.evaluate(async () => void (await bench))
  return page
}

/** Shares the file of a tab. */
export function share(sender: Page): Promise<Shared> {
  return sender.evaluate(async () => (await bench).share())
}

/** Connects tabs by a bare RTCDataChannel. The bench carries their descriptions: no signaling is measured. */
export async function connectBare(receiver: Page, sender: Page): Promise<void> {
  const offer = await receiver.evaluate(async () => (await bench).bare.offer())
  const answer = await sender.evaluate(async (text) => (await bench).bare.answer(text), offer)
  await receiver.evaluate(async (text) => (await bench).bare.accept(text), answer)
}

/** Writes a file whose chunks all differ. */
export async function writeVaried(path: string, size: number): Promise<void> {
  const file = await open(path, 'w')
  const part = Buffer.alloc(MIB)
  crypto.getRandomValues(part.subarray(0, 65_536))
  for (let at = 0; at < size; at += MIB) {
    part.writeDoubleBE(at)
    await file.write(part, 0, Math.min(MIB, size - at))
  }
  await file.close()
}
