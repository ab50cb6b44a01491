import { expect, test, testBytes } from './fixtures.ts'

test('without WebRTC a search works through the bootstrap node, and the page says why a fetch cannot be direct', async ({
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

  await a.share('behind the wall.txt', testBytes(1000, 3))
  await b.searchUntil('wall behind', 'behind the wall.txt')

  await b.hit('behind the wall.txt').getByTestId('hit-get').click()
  const state = b.byTestId('download-state').first()
  await expect(state).toHaveAttribute('data-phase', 'failed')
  await expect(state).toContainText('WebRTC')
})
