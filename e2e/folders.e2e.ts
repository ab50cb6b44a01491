import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drop } from './drop.ts'
import { expect as expectSoon, test, testBytes } from './fixtures.ts'

// Two tabs meet, one reloads, and files go to and fro, on a machine that may be busy.
test.describe.configure({ timeout: 240_000 })
const expect = expectSoon.configure({ timeout: 90_000 })

const BYTES = testBytes(1_500_000, 5)

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-folders-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

test('a folder that was dropped has a link to all of it; who opens that gets one file, or all at their places', async ({
  openTab,
  context,
}) => {
  // The dialog itself cannot be answered here; what it gives is a handle like this one.
  await context.addInitScript(() => {
    const showDirectoryPicker = () => navigator.storage.getDirectory()
    Object.assign(window, { showDirectoryPicker })
  })
  await mkdir(join(folder, 'album', 'second side'), { recursive: true })
  await writeFile(join(folder, 'album', 'tune.txt'), 'la la\n')
  await writeFile(join(folder, 'album', 'second side', 'Größe.wav'), BYTES)
  const sharer = await openTab()
  await drop(sharer, join(folder, 'album'))
  const row = sharer.byTestId('folder')
  await expect(row.getByTestId('folder-name')).toHaveText('album')
  await expect(row).toContainText('2 files')
  const link = await row.getByTestId('share-link').getAttribute('href')
  await sharer.page.reload()
  await expect(row.getByTestId('share-link')).toHaveAttribute('href', link ?? '')

  const other = await openTab()
  await other.waitForDirect(2)
  await other.page.evaluate((address) => {
    location.href = address
  }, link ?? '')
  await expect(other.byTestId('folder-path')).toHaveText(['second side/Größe.wav', 'tune.txt'])
  const saved = other.page.waitForEvent('download')
  await other.byTestId('folder-get').first().click()
  const download = await saved
  expect(download.suggestedFilename()).toBe('second side - Größe.wav')
  expect((await other.saved(download)).equals(BYTES), 'the same bytes').toBe(true)

  await other.byTestId('folder-get-all').click()
  for (const [path, size] of [
    [['album', 'tune.txt'], 6],
    [['album', 'second side', 'Größe.wav'], BYTES.length],
  ] as const) {
    await expect.poll(() => other.page.evaluate(sizeAt, path)).toBe(size)
  }
})

/** Bytes of a file in the page's own file system; undefined as long as it is not there. */
async function sizeAt(path: readonly string[]): Promise<number | undefined> {
  try {
    let at = await navigator.storage.getDirectory()
    for (const part of path.slice(0, -1)) at = await at.getDirectoryHandle(part)
    return (await (await at.getFileHandle(path.at(-1) ?? '')).getFile()).size
  } catch (error) {
    if (error instanceof DOMException) return undefined
    throw error
  }
}
