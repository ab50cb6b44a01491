import { expect, test, testBytes } from './fixtures.ts'
import { makeLine } from './line.ts'

const NAME = 'Café del Mar – Ünïcode Jazz.flac'

test('a file dropped in one tab is found by its words two hops away, and fetched directly', async ({
  bootstrap,
  openTab,
}) => {
  const [a, b, c] = [
    await openTab({ query: '?gnutella=0.4' }),
    await openTab({ query: '?gnutella=0.4' }),
    await openTab({ query: '?gnutella=0.4' }),
  ]
  const [nameA] = await Promise.all([a.name(), b.name(), c.name()])
  await makeLine(a, b, c, bootstrap.name)

  const bytes = testBytes(3 * 1024 * 1024 + 17, 1)
  await a.share(NAME, bytes)
  await expect(a.byTestId('share-link')).toHaveAttribute('href', /\/#\/get\//)

  await c.searchUntil('unicode cafe', NAME)
  const hit = c.hit(NAME)
  await expect(hit.getByTestId('hit-hops')).toHaveText('2 hops')
  await expect(hit.getByTestId('hit-peer')).toHaveText(nameA)

  const saved = await c.get(NAME)
  expect(saved.equals(bytes), 'the same bytes').toBe(true)
  await expect(c.peer(nameA)).toHaveAttribute('data-path', 'direct')
})
