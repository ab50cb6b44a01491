import { expect, test, testBytes } from './fixtures.ts'
import type { Tab } from './tab.ts'

test('one ultrapeer carries a query to exactly the leaves whose table matches, and when it dies the tabs search on', async ({
  bootstrap,
  openTab,
}) => {
  const tabs: Tab[] = []
  for (let i = 0; i < 6; i++) tabs.push(await openTab())
  const [a, b, c, d, e, asker] = tabs as [Tab, Tab, Tab, Tab, Tab, Tab]
  for (const tab of tabs) await expect(tab.byTestId('role')).toHaveAttribute('data-role', 'leaf')
  await expect(asker.peer(bootstrap.name)).toContainText('ultrapeer')

  await a.share('harbor lights.txt', testBytes(2000, 1))
  await b.share('harbor fog.txt', testBytes(2000, 2))
  await c.share('mountain dawn.txt', testBytes(2000, 3))
  await d.share('mountain harbour.txt', testBytes(2000, 4))

  // Tables travel by themselves: asked until they have, which nobody sees who has nothing that fits.
  await asker.searchUntil('harbor', 'harbor lights.txt', 'harbor fog.txt')
  for (const tab of [a, b]) await expect(tab.byTestId('query-seen').first()).toContainText('harbor')
  await asker.searchUntil('mountain', 'mountain dawn.txt', 'mountain harbour.txt')
  for (const tab of [c, d]) await expect(tab.byTestId('query-seen').first()).toContainText('mountain')
  // What came first would be there by now if it came at all: an ultrapeer sends in order.
  for (const tab of [c, d]) await expect(tab.byTestId('query-seen').filter({ hasText: 'harbor' })).toHaveCount(0)
  for (const tab of [a, b]) await expect(tab.byTestId('query-seen').filter({ hasText: 'mountain' })).toHaveCount(0)
  await expect(e.byTestId('query-seen')).toHaveCount(0)

  // Who is still being introduced when the only introducer dies stays alone.
  for (const tab of tabs) await tab.waitForDirect(4)
  await bootstrap.stop()
  await e.share('harbor after the storm.txt', testBytes(2000, 5))
  await asker.searchUntil('harbor', 'harbor lights.txt', 'harbor fog.txt', 'harbor after the storm.txt')
  expect((await asker.get('harbor after the storm.txt')).equals(testBytes(2000, 5)), 'the same bytes').toBe(true)
})
