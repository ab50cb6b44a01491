import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from './fixtures.ts'

const FIRST_LOAD_BYTES_MAX = 300 * 1024
const JOINED_MS_MAX = 3000
const SCREENSHOT = join(import.meta.dirname, '../docs/images/page.png')

test('the page is usable at once, and within three seconds says who you are and whom you are connected to', async ({
  openTab,
}) => {
  const tab = await openTab()
  await expect(tab.byTestId('search-input')).toBeFocused()
  await expect(tab.byTestId('drop-input')).toBeAttached()
  await expect(tab.byTestId('me-name')).toHaveText(/^\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+$/u, { timeout: JOINED_MS_MAX })
  await expect(tab.byTestId('peer-count')).toContainText('1 peer (1 direct', { timeout: JOINED_MS_MAX })
  await expect(tab.byTestId('hit').first(), 'the demo library').toBeVisible()
})

test('the first load is under 300 KiB gzipped', async ({ bootstrap, context }) => {
  const page = await context.newPage()
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => bodies.push(response.body()))
  await page.goto(bootstrap.url)
  await expect(page.getByTestId('hit').first()).toBeVisible()
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  expect(total).toBeLessThan(FIRST_LOAD_BYTES_MAX)
})

test('keyboard alone: a search and a fetch', async ({ openTab }) => {
  const tab = await openTab()
  await expect(tab.byTestId('hit').first()).toBeVisible()
  const name = (await tab.byTestId('hit-name').first().textContent()) ?? ''
  await tab.page.keyboard.type(name)
  await tab.page.keyboard.press('Enter')
  await expect(tab.hit(name)).toBeVisible()
  const saved = tab.page.waitForEvent('download')
  const button = tab.hit(name).getByTestId('hit-get')
  for (
    let press = 0;
    press < 20 && !(await button.evaluate((element) => element === document.activeElement));
    press++
  ) {
    await tab.page.keyboard.press('Tab')
  }
  await tab.page.keyboard.press('Enter')
  expect((await saved).suggestedFilename()).toBe(name)
})

test('the picture of the README', async ({ openTab }) => {
  const tabs = [await openTab(), await openTab(), await openTab()]
  const [tab, second] = tabs
  if (tab === undefined || second === undefined) throw new Error('No tab was opened.')
  for (const each of tabs) await each.waitForPeers(3)
  await second.share('Blue in Green (live take 3).flac', Buffer.alloc(2_400_000, 'blue'))
  await second.share('Autumn Leaves, piano trio.flac', Buffer.alloc(1_900_000, 'leaves'))
  await tab.share('Notes on improvisation.pdf', Buffer.alloc(380_000, 'notes'))
  await tab.search('piano')
  await expect(tab.hit('Autumn Leaves, piano trio.flac')).toBeVisible()
  await tab.get('Autumn Leaves, piano trio.flac')
  await tab.page.setViewportSize({ width: 1280, height: 800 })
  await tab.page.screenshot({ path: SCREENSHOT, animations: 'disabled' })
})
