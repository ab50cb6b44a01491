import { expect, test, testBytes } from './fixtures.ts'

/** Names as somebody else may choose them, and how they are to be shown. */
const NAMES = [
  ['<img src=x onerror=alert(1)> jazz.txt', '_img src=x onerror=alert(1)_ jazz.txt'],
  ['invoice \u202etxt.exe jazz', 'invoice txt.exe jazz'],
  ['zero\u200bwidth\u2066 jazz.txt', 'zerowidth jazz.txt'],
] as const

test('names from the network are text: no markup, no bidirectional tricks', async ({ openTab }) => {
  const [a, b] = [await openTab(), await openTab()]
  await a.waitForPeers(2)
  await b.waitForPeers(2)
  const dialogs: string[] = []
  for (const { page } of [a, b]) page.on('dialog', (dialog) => dialogs.push(dialog.message()))

  for (const [index, [name]] of NAMES.entries()) await a.share(name, testBytes(100, index + 10))
  await b.searchUntil('jazz', ...NAMES.map(([, shown]) => shown))
  expect(await b.byTestId('hit').locator('img').count()).toBe(0)
  const texts = await b.byTestId('hit-name').allTextContents()
  expect(texts.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)

  const saved = b.page.waitForEvent('download')
  await b.hit(NAMES[1][1]).getByTestId('hit-get').click()
  expect((await saved).suggestedFilename()).toBe(NAMES[1][1])
  expect(dialogs).toEqual([])
})
