import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drop as dropPaths } from './drop.ts'
import { expect, test, testBytes } from './fixtures.ts'
import type { Tab } from './tab.ts'

// Some reload, and share and fetch besides, on a machine that may be busy.
test.describe.configure({ timeout: 180_000 })

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-shares-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

/** Drops what is in the folder of this test. */
function drop(tab: Tab, ...names: readonly string[]): Promise<void> {
  return dropPaths(tab, ...names.map((name) => join(folder, name)))
}

test('files and a folder that were dropped are shared again after a reload, by the same peer, with nothing hashed twice', async ({
  openTab,
}) => {
  const [sharer, other] = [await openTab(), await openTab()]
  const name = await sharer.name()
  const bytes = testBytes(3_000_000, 4)
  await writeFile(join(folder, 'Evening piano.wav'), bytes)
  await mkdir(join(folder, 'album'))
  await writeFile(join(folder, 'album', 'First tune.txt'), 'la la\n')
  await drop(sharer, 'Evening piano.wav', 'album')
  await expect(sharer.byTestId('share')).toHaveCount(2)
  await expect(sharer.byTestId('share').first()).toHaveAttribute('data-kept', 'handle')

  // Whatever is hashed from now on is counted.
  await sharer.page.addInitScript(() => {
    const { postMessage } = Worker.prototype
    Worker.prototype.postMessage = function (this: Worker, message: { type?: string }, ...rest: never[]) {
      if (message.type === 'chunk') document.documentElement.dataset.hashed = 'yes'
      return postMessage.call(this, message, ...rest)
    }
  })
  await sharer.page.reload()
  expect(await sharer.name()).toBe(name)
  await expect(sharer.byTestId('share')).toHaveCount(2)
  expect(await sharer.page.evaluate(() => document.documentElement.dataset.hashed)).toBeUndefined()
  await other.waitForDirect(2)
  await other.searchUntil('evening', 'Evening piano.wav')
  expect((await other.get('Evening piano.wav')).equals(bytes), 'the same bytes').toBe(true)

  // What is no longer shared is not shared again either.
  await sharer.byTestId('stop-all').click()
  await expect(sharer.byTestId('share')).toHaveCount(0)
  await sharer.page.reload()
  await sharer.waitForPeers(1)
  await expect(sharer.byTestId('share')).toHaveCount(0)
})

test('where the browser wants to hear from the person first, one click shares all again; what has changed or gone is named', async ({
  openTab,
}) => {
  const sharer = await openTab()
  for (const name of ['Same.txt', 'Changed.txt', 'Gone.txt']) await writeFile(join(folder, name), `${name}\n`)
  await drop(sharer, 'Same.txt', 'Changed.txt', 'Gone.txt')
  await expect(sharer.byTestId('share')).toHaveCount(3)

  // A browser without a window asks nobody: this one answers yes to whoever asks in answer to a click.
  await sharer.page.addInitScript(() => {
    let isAllowed = false
    const state = async () => (isAllowed ? 'granted' : 'prompt')
    Object.assign(FileSystemHandle.prototype, {
      queryPermission: state,
      requestPermission: () => {
        isAllowed ||= navigator.userActivation.isActive
        return state()
      },
    })
  })
  await writeFile(join(folder, 'Changed.txt'), 'something longer\n')
  await rm(join(folder, 'Gone.txt'))
  await sharer.page.reload()
  await expect(sharer.byTestId('share-again')).toContainText('3 files')
  await expect(sharer.byTestId('share')).toHaveCount(0)
  await sharer.byTestId('share-again-all').click()

  await expect(sharer.byTestId('share-name')).toHaveText(['Changed.txt', 'Same.txt'])
  const gone = sharer.byTestId('waiting-share')
  await expect(gone).toContainText('Gone.txt')
  await gone.getByRole('button', { name: 'Forget Gone.txt' }).click()
  await expect(gone).toHaveCount(0)
  await expect(sharer.byTestId('share-again')).toHaveCount(0)
})

test('without a way back to a file, a copy in the browser is shared again on the next visit', async ({ openTab }) => {
  const first = await openTab()
  const name = await first.name()
  await first.page.evaluate(() => {
    const persist = StorageManager.prototype.persist
    StorageManager.prototype.persist = function (this: StorageManager) {
      document.documentElement.dataset.asked = 'to persist'
      return persist.call(this)
    }
  })
  const asked = () => first.page.evaluate(() => document.documentElement.dataset.asked)
  expect(await asked(), 'nothing is asked for before the first share').toBeUndefined()
  await first.share('Kept here.txt', Buffer.from('kept\n'))
  await expect.poll(asked).toBe('to persist')
  await first.share('Not kept.txt', Buffer.from('not kept\n'))
  const row = first.byTestId('share').filter({ hasText: 'Kept here.txt' })
  await row.getByTestId('keep-copy').click()
  await expect(row).toHaveAttribute('data-kept', 'copy')
  await first.page.close()

  const next = await openTab()
  expect(await next.name()).toBe(name)
  await expect(next.byTestId('share-name')).toHaveText(['Kept here.txt'])
  await expect(next.byTestId('waiting-share')).toContainText('Not kept.txt')
  // Another tab is another peer, which shared nothing.
  const another = await openTab()
  await another.waitForDirect(2)
  await another.searchUntil('kept', 'Kept here.txt')
  expect((await another.get('Kept here.txt')).toString()).toBe('kept\n')
  await expect(another.byTestId('share')).toHaveCount(0)

  // Chosen again it is shared at once, and waits no longer.
  await next.share('Not kept.txt', Buffer.from('not kept\n'))
  await expect(next.byTestId('waiting-share')).toHaveCount(0)
})

test('a link works for whoever has the content, when the one who shared it first is gone', async ({ openTab }) => {
  const bytes = testBytes(2_500_000, 12)
  const [first, second] = [await openTab(), await openTab()]
  await first.share('Handed on.bin', bytes)
  const link = (await first.byTestId('share-link').getAttribute('href')) ?? ''
  await second.waitForDirect(2)
  await second.searchUntil('handed', 'Handed on.bin')
  await second.get('Handed on.bin')
  await second.byTestId('download-share').click()
  await expect(second.byTestId('share-name')).toHaveText(['Handed on.bin'])
  await first.page.close()

  const third = await openTab({ query: new URL(link).hash })
  await third.waitForDirect(2)
  await expect(third.byTestId('link-name')).toHaveText('Handed on.bin')
  const saved = third.page.waitForEvent('download')
  await third.byTestId('link-get').click()
  expect((await third.saved(await saved)).equals(bytes), 'the same bytes').toBe(true)
})

test('another peer says by which overlays a share is found', async ({ openTab }) => {
  const [sharer, other] = [await openTab(), await openTab()]
  await Promise.all([sharer.waitForDirect(2), other.waitForPeers(2)])
  await sharer.share('Rare recording.wav', Buffer.from('rare'))
  // What is newly shared takes a moment to be known.
  await expect(async () => {
    await sharer.byTestId('share-findable').click()
    await expect(sharer.byTestId('findable')).toHaveAttribute('data-phase', 'known', { timeout: 30_000 })
    await expect(sharer.byTestId('findable')).toContainText('Gnutella found it', { timeout: 1 })
  }).toPass()
  await expect(sharer.byTestId('findable')).toContainText('Yes: ')
  await expect(sharer.byTestId('findable')).toContainText('Kademlia')
})

test('a link has a QR code; limits hold, and are kept', async ({ openTab }) => {
  const [sharer, other] = [await openTab(), await openTab()]
  await sharer.waitForDirect(2)
  await sharer.share('Long film.mkv', testBytes(6_000_000, 9))
  await sharer.byTestId('share-qr').click()
  await expect(sharer.byTestId('qr-code')).toBeVisible()

  await sharer.page.locator('.upload-limits summary').click()
  await sharer.byTestId('limit-rate').fill('200')
  await sharer.byTestId('limit-rate').press('Enter')
  await other.searchUntil('film', 'Long film.mkv')
  await other.hit('Long film.mkv').getByTestId('hit-get').click()
  await expect(sharer.byTestId('upload-speed')).toContainText('kB/s')
  await sharer.byTestId('limit-rate').fill('')
  await sharer.byTestId('limit-rate').press('Enter')
  await expect(sharer.byTestId('upload')).toContainText('has fetched it')

  await sharer.byTestId('limit-slots').fill('3')
  await sharer.byTestId('limit-slots').press('Enter')
  await sharer.page.reload()
  await sharer.share('Anything.txt', Buffer.from('anything'))
  await sharer.page.locator('.upload-limits summary').click()
  await expect(sharer.byTestId('limit-slots')).toHaveValue('3')
})
