import { test } from './firefox.ts'
import { expect, testBytes } from './fixtures.ts'
import type { PersonsTab } from './tab.ts'

test('Firefox finds what Chromium shares, Chromium finds what Firefox shares, and each fetches it', async ({
  openTab,
  openFirefoxTab,
}) => {
  const [chromium, firefox] = await Promise.all([openTab(), openFirefoxTab()])
  const [nameChromium, nameFirefox] = await Promise.all([chromium.name(), firefox.name()])
  expect(nameFirefox, 'a peer of its own').not.toBe(nameChromium)
  await pass(chromium, firefox, 'From Chromium – naïve jazz.flac', 1)
  await pass(firefox, chromium, 'From Firefox – naïve jazz.flac', 2)
  // Each was fetched on a way of its own: no relay in between.
  await expect(chromium.peer(nameFirefox)).toHaveAttribute('data-path', 'direct')
})

test('a tab of Firefox is the same peer after a reload', async ({ openFirefoxTab }) => {
  const tab = await openFirefoxTab()
  const name = await tab.name()
  await tab.reload()
  expect(await tab.name()).toBe(name)
})

/** One shares a file, the other finds it by its words and fetches it. */
async function pass(from: PersonsTab, to: PersonsTab, name: string, seed: number): Promise<void> {
  const bytes = testBytes(3 * 1024 * 1024 + 17, seed)
  await from.share(name, bytes)
  await to.searchUntil(name, name)
  const saved = await to.get(name)
  expect(saved.equals(bytes), 'the same bytes').toBe(true)
}
