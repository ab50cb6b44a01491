import { test } from './firefox.ts'
import { expect, testBytes } from './fixtures.ts'
import { GuardedContent, SharingPeer } from './sharing-peer.ts'
import type { PersonsTab } from './tab.ts'

const CHUNK = 1_048_576

// Two browsers start, on a machine that may be busy.
test.describe.configure({ timeout: 180_000 })

test('Firefox finds what Chromium shares, Chromium finds what Firefox shares, and each fetches it', async ({
  openTab,
  openFirefoxTab,
}) => {
  const [chromium, firefox] = await Promise.all([openTab(), openFirefoxTab()])
  const [nameChromium, nameFirefox] = await Promise.all([chromium.name(), firefox.name()])
  expect(nameFirefox, 'a peer of its own').not.toBe(nameChromium)
  await pass(chromium, firefox, 'From Chromium – naïve jazz.flac', 1)
  await pass(firefox, chromium, 'From Firefox – naïve jazz.flac', 2)
  // Tabs reach each other by WebRTC only: what is direct came by it.
  await expect(chromium.peer(nameFirefox)).toHaveAttribute('data-path', 'direct')
})

test('in Firefox, a closed tab leaves its name and the copies of its shares to the next one', async ({
  openTab,
  openFirefoxTab,
}) => {
  const first = await openFirefoxTab()
  const name = await first.name()
  const bytes = testBytes(CHUNK + 1, 3)
  await first.share('Kept in Firefox.txt', bytes)
  await first.click('keep-copy')
  await first.waitFor('[data-testid=share][data-kept=copy]')
  await first.page.close()

  const next = await openFirefoxTab()
  expect(await next.name()).toBe(name)
  await next.waitFor('[data-testid=share]')
  const chromium = await openTab()
  await chromium.searchUntil('kept in firefox', 'Kept in Firefox.txt')
  expect((await chromium.get('Kept in Firefox.txt')).equals(bytes), 'the same bytes').toBe(true)
})

test('in Firefox, a download of a closed tab goes on in the next one, and fetches no chunk again', async ({
  bootstrap,
  openFirefoxTab,
}) => {
  const name = 'Half way.bin'
  const bytes = testBytes(12 * CHUNK - 77, 4)
  const content = new GuardedContent(name, bytes)
  const peer = await SharingPeer.start(bootstrap.url)
  try {
    await peer.share(content)
    content.hold(bytes.length / 2)
    const tab = await openFirefoxTab()
    await tab.searchUntil('half way', name)
    await tab.startGet(name)
    await tab.waitFor('[data-testid=download-chunks]:not([data-done="0"])')
    await tab.page.close()

    const next = await openFirefoxTab()
    content.release()
    expect((await next.saved(name)).equals(bytes), 'the same bytes').toBe(true)
    const kept = await next.bytesOf('download-kept')
    expect(kept, 'what was there before').toBeGreaterThan(0)
    expect(kept + (await next.bytesOf('download-source')), 'all that came').toBe(bytes.length)
  } finally {
    await peer.stop()
  }
})

/** One shares a file, the other finds it by its words and fetches it. */
async function pass(from: PersonsTab, to: PersonsTab, name: string, seed: number): Promise<void> {
  const bytes = testBytes(3 * CHUNK + 17, seed)
  await from.share(name, bytes)
  await to.searchUntil(name, name)
  const saved = await to.get(name)
  expect(saved.equals(bytes), 'the same bytes').toBe(true)
}
