import { expect, test } from './fixtures.ts'

test('three tabs of one window are three peers, each the same after a reload', async ({ openTab }) => {
  const tabs = [await openTab(), await openTab(), await openTab()]
  const names = await Promise.all(tabs.map((tab) => tab.name()))
  expect(new Set(names).size, 'different names').toBe(3)

  for (const [index, tab] of tabs.entries()) {
    await tab.page.reload()
    expect(await tab.name()).toBe(names[index])
  }
})

test('a closed tab leaves its identity to the next one', async ({ openTab }) => {
  const first = await openTab()
  const name = await first.name()
  await first.page.close()
  expect(await (await openTab()).name()).toBe(name)
})
