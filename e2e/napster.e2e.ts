import { expect, test, testBytes } from './fixtures.ts'

test.use({ bootstrapFlags: ['--index'] })

test('a central index finds everything with one message, dies, and the search says so while a download goes on', async ({
  bootstrap,
  openTab,
}) => {
  const [a, b] = [await openTab(), await openTab()]
  for (const tab of [a, b]) await tab.waitForPeers(2)
  const bytes = testBytes(40 * 1024 * 1024, 6)
  await a.share('The whole opera.wav', bytes)

  await b.askOnly('napster')
  await b.searchUntil('opera whole', 'The whole opera.wav')
  await expect(b.byTestId('napster-messages')).toHaveText('1 out, 2 back')
  await expect(b.byTestId('napster-hops')).toHaveText('1')

  // The index goes while the file comes: it was only asked where.
  const saved = b.page.waitForEvent('download')
  await b.hit('The whole opera.wav').getByTestId('hit-get').click()
  await expect(b.byTestId('download-state').first()).toHaveAttribute('data-phase', 'running')
  await bootstrap.stop()
  await b.search('opera')
  await expect(b.byTestId('napster-problem')).toContainText('index')
  await expect(b.byTestId('download-state').first()).toHaveAttribute('data-phase', 'saved')
  expect((await b.saved(await saved)).equals(bytes), 'the same bytes').toBe(true)

  // Gnutella has no middle to lose.
  await b.askOnly('gnutella')
  await b.searchUntil('opera', 'The whole opera.wav')
})
