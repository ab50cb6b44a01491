import { expect, test, testBytes } from './fixtures.ts'

test('tabs search and fetch without the bootstrap node, and it comes back as who it was', async ({
  bootstrap,
  openTab,
}) => {
  const tabs = [await openTab(), await openTab(), await openTab()] as const
  const [a, , c] = tabs
  // Who is still being introduced when the only introducer stops stays alone.
  for (const tab of tabs) await tab.waitForDirect(3)
  const { peerId } = await bootstrap.info()

  await bootstrap.stop()
  await expect(a.byTestId('network-note')).toContainText('bootstrap')

  const bytes = testBytes(700_001, 2)
  await a.share('after the fall.txt', bytes)
  await c.searchUntil('fall after', 'after the fall.txt')
  expect((await c.get('after the fall.txt')).equals(bytes), 'the same bytes').toBe(true)

  await bootstrap.start()
  expect((await bootstrap.info()).peerId).toBe(peerId)
  const late = await openTab()
  await late.waitForPeers(2)
  await late.searchUntil('fall', 'after the fall.txt')
})
