import { expect, test, testBytes } from './fixtures.ts'

test('without WebRTC a search works through the bootstrap node, a small file comes through it too, and of a larger one the page says why not', async ({
  context,
  openTab,
}) => {
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection')
  })
  const [a, b] = [await openTab(), await openTab()]
  await a.waitForPeers(1)
  await b.waitForPeers(1)
  await expect(b.byTestId('network-note').filter({ hasText: 'WebRTC' })).toBeVisible()

  const small = testBytes(1000, 3)
  await a.share('behind the wall.txt', small)
  await a.share('too big for the wall.bin', testBytes(200_000, 4))
  await b.searchUntil('wall', 'behind the wall.txt', 'too big for the wall.bin')

  const saved = await b.get('behind the wall.txt')
  expect(saved.equals(small), 'the same bytes').toBe(true)
  await b.byTestId('download-details').first().locator('summary').click()
  await expect(b.byTestId('download-source').first()).toContainText('through a relay')

  await b.hit('too big for the wall.bin').getByTestId('hit-get').click()
  const state = b.byTestId('download-state').first()
  await expect(state).toHaveAttribute('data-phase', 'waiting', { timeout: 60_000 })
  await expect(state).toContainText('WebRTC')
})
