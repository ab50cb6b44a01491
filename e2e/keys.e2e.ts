import { expect, test } from './fixtures.ts'
import { NodePeer } from './node-peer.ts'
import type { Tab } from './tab.ts'

const OVERLAYS = ['pastry', 'chord', 'can', 'kademlia'] as const
const KEYS = 50
const TABS = 8

test('eight tabs and two Node peers keep fifty values on each structured overlay while two tabs close', async ({
  bootstrap,
  openTab,
}) => {
  test.setTimeout(600_000)
  const node = await NodePeer.start(bootstrap.url)
  try {
    const tabs: Tab[] = []
    for (let i = 0; i < TABS; i++) tabs.push(await openTab())
    const [writer, reader, ...others] = tabs as [Tab, Tab, ...Tab[]]
    for (const tab of tabs) await tab.waitForPeers(3)

    const keys = new Map<string, string[]>()
    for (const overlay of OVERLAYS) {
      const values = Array.from({ length: KEYS }, (_, i) => `${overlay} value ${i}`)
      keys.set(overlay, await writer.storeValues(overlay, values))
    }
    // Two of those that keep values go without a word.
    for (const tab of others.slice(-2)) await tab.page.close()

    for (const overlay of OVERLAYS) {
      const found = await reader.lookUpKeys(overlay, keys.get(overlay) ?? [])
      expect(new Set(found)).toEqual(new Set(Array.from({ length: KEYS }, (_, i) => `${overlay} value ${i}`)))
    }
  } finally {
    await node.stop()
  }
})

test('a link is looked up on every overlay, and the way to it is shown', async ({ openTab }) => {
  test.setTimeout(240_000)
  const [a, b, c] = [await openTab(), await openTab(), await openTab()]
  for (const tab of [a, b, c]) await tab.waitForPeers(3)
  await a.share('A file with a key.txt', Buffer.alloc(5000, 'key'))
  const link = (await a.byTestId('share-link').getAttribute('href')) ?? ''
  await expect(async () => {
    await c.search(link)
    for (const overlay of OVERLAYS) {
      await expect(c.byTestId(`way-${overlay}`)).toContainText('1 source', { timeout: 8000 })
    }
  }).toPass({ timeout: 150_000 })
  await expect(c.byTestId('link-source')).toHaveText(await a.name())
})
