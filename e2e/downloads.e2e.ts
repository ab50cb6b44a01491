import { createHash } from 'node:crypto'
import type { Download, Locator } from '@playwright/test'
import { expect as expectSoon, test, testBytes } from './fixtures.ts'
import { GuardedContent, SharingPeer } from './sharing-peer.ts'
import type { Tab } from './tab.ts'

/** Sources are given up, and tried again, only after a while. */
const expect = expectSoon.configure({ timeout: 60_000 })

const CHUNK = 1_048_576
const CHUNKS = 12
const BYTES = testBytes(CHUNKS * CHUNK - 77, 11)
/** However slow the machine is. */
const SAVE_MS_MAX = 170_000
/** Enough for some chunks to be whole, whichever of them are asked for at once. */
const HALF = (CHUNKS / 2) * CHUNK

interface Shared {
  readonly peer: SharingPeer
  readonly content: GuardedContent
}

/** Peers of the test's own process that share the same bytes under one name, and are stopped at its end. */
const downloads = test.extend<{ shareFrom: (name: string) => Promise<Shared> }>({
  shareFrom: async ({ bootstrap }, use) => {
    const peers: SharingPeer[] = []
    await use(async (name) => {
      const peer = await SharingPeer.start(bootstrap.url)
      peers.push(peer)
      const content = new GuardedContent(name, BYTES)
      await peer.share(content)
      return { peer, content }
    })
    for (const peer of peers) await peer.stop()
  },
})

downloads('a file comes from two sources at once, and both are named', async ({ openTab, shareFrom }) => {
  const tab = await openTab()
  const [a, b] = [await shareFrom('Two of them have it.bin'), await shareFrom('Two of them have it.bin')]
  for (const { content } of [a, b]) content.hold(HALF - CHUNK)
  const { saving } = await get(tab, 'Two of them have it.bin', 2)
  for (const { peer } of [a, b]) await expect(bytesFrom(tab, peer)).not.toHaveAttribute('data-bytes', '0')
  for (const { content } of [a, b]) content.release()
  await expectSaved(tab, saving)
  const given = await givenBytes(tab)
  expect(sum(given)).toBe(BYTES.length)
  expect(given).toHaveLength(2)

  await tab.byTestId('download-share').click()
  await expect(tab.byTestId('share').getByText('Two of them have it.bin')).toBeVisible()
})

downloads('a file goes to the place that a person chose', async ({ context, openTab, shareFrom }) => {
  // The dialog itself cannot be answered here; what it gives is a handle like this one.
  await context.addInitScript(() => {
    const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(window, { showSaveFilePicker })
  })
  const tab = await openTab()
  await shareFrom('Right there.bin')
  await find(tab, 'Right there.bin', 1)
  await tab.hit('Right there.bin').getByTestId('hit-save-as').click()
  await expect(state(tab)).toHaveAttribute('data-phase', 'saved')
  const digest = await tab.page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory()
    const file = await (await folder.getFileHandle('Right there.bin')).getFile()
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))]
  })
  expect(Buffer.from(digest)).toEqual(createHash('sha256').update(BYTES).digest())
  await expect(tab.byTestId('download-room')).toHaveCount(0)
})

downloads(
  'a download that was paused goes on where it was, and fetches no chunk again',
  async ({ openTab, shareFrom }) => {
    const tab = await openTab()
    const { content } = await shareFrom('Wait for me.bin')
    content.hold(HALF)
    const { saving } = await get(tab, 'Wait for me.bin', 1)
    await someChunks(tab)
    await tab.byTestId('download-pause').click()
    await expect(state(tab)).toHaveAttribute('data-phase', 'paused')
    content.release()
    await tab.byTestId('download-resume').click()
    await expectSaved(tab, saving)
    await expectNothingTwice(tab)
  }
)

for (const [given, atLeast] of [
  [4, /^[1-9]/],
  [6, /^[3-9]/],
  [11, /^([6-9]|1\d)$/],
] as const) {
  downloads(`a reload after ${given} of ${CHUNKS} MiB loses nothing`, async ({ openTab, shareFrom }) => {
    const tab = await openTab()
    const { content } = await shareFrom('Press F5.bin')
    content.hold(given * CHUNK)
    await get(tab, 'Press F5.bin', 1)
    await someChunks(tab, atLeast)
    const saving = tab.page.waitForEvent('download', { timeout: SAVE_MS_MAX })
    await tab.page.reload()
    content.release()
    await expectSaved(tab, saving)
    await expectNothingTwice(tab)
  })
}

downloads('a download of a closed tab goes on in the next one', async ({ openTab, shareFrom }) => {
  const tab = await openTab()
  const { content } = await shareFrom('Left behind.bin')
  content.hold(HALF)
  await get(tab, 'Left behind.bin', 1)
  await someChunks(tab)
  await tab.page.close()
  const next = await openTab()
  const saving = next.page.waitForEvent('download', { timeout: SAVE_MS_MAX })
  content.release()
  await expectSaved(next, saving)
  await expectNothingTwice(next)
})

downloads(
  'two tabs of one browser want the same file, and do not get in each other’s way',
  async ({ openTab, shareFrom }) => {
    const [tab, other] = [await openTab(), await openTab()]
    const { content } = await shareFrom('Only one of us.bin')
    content.hold(HALF)
    const first = await get(tab, 'Only one of us.bin', 1)
    await someChunks(tab)
    const second = await get(other, 'Only one of us.bin', 1)
    await expect(state(other)).toContainText('Another tab')
    content.release()
    await expectSaved(tab, first.saving)
    await expectSaved(other, second.saving)
  }
)

downloads('what a paused download takes of the room is told, and given back', async ({ openTab, shareFrom }) => {
  const tab = await openTab()
  const { content } = await shareFrom('Not now.bin')
  content.hold(HALF)
  await get(tab, 'Not now.bin', 1)
  await someChunks(tab)
  await tab.byTestId('download-pause').click()
  await tab.page.reload()
  await expect(state(tab)).toHaveAttribute('data-phase', 'paused')
  await expect(tab.byTestId('download-room')).toHaveAttribute('data-bytes', /^[1-9]/)
  await tab.byTestId('download-room-remove').click()
  await expect(state(tab)).toHaveAttribute('data-phase', 'canceled')
  await expect(tab.byTestId('download-room')).toHaveCount(0)
})

downloads('when a source goes amid a download, another one gives the rest', async ({ openTab, shareFrom }) => {
  const tab = await openTab()
  const [a, b] = [await shareFrom('Relay race.bin'), await shareFrom('Relay race.bin')]
  a.content.hold(HALF)
  b.content.hold(0)
  const { saving } = await get(tab, 'Relay race.bin', 2)
  await someChunks(tab)
  await a.peer.stop()
  b.content.release()
  await expectSaved(tab, saving)
  expect(sum(await givenBytes(tab))).toBe(BYTES.length)
})

downloads(
  'without any source a download waits, and goes on by itself when there is one',
  async ({ openTab, shareFrom }) => {
    const tab = await openTab()
    const a = await shareFrom('Be patient.bin')
    a.content.hold(HALF)
    const { saving } = await get(tab, 'Be patient.bin', 1)
    await someChunks(tab)
    await a.peer.stop()
    await expect(state(tab)).toContainText('Waiting for a source')
    await shareFrom('Be patient.bin')
    await expectSaved(tab, saving, 90_000)
    // Whether the first run was still waiting or another one was begun: nothing came twice.
    expect((await keptBytes(tab)) + sum(await givenBytes(tab))).toBe(BYTES.length)
  }
)

downloads('a source of a wrong chunk is asked for nothing more, and is named', async ({ openTab, shareFrom }) => {
  const tab = await openTab()
  const [liar, honest] = [await shareFrom('Trust nobody.bin'), await shareFrom('Trust nobody.bin')]
  liar.content.lieAt((CHUNKS / 2) * CHUNK + 5)
  honest.content.hold(0)
  const { saving } = await get(tab, 'Trust nobody.bin', 2)
  await expect(bytesFrom(tab, liar.peer)).toHaveAttribute('data-state', 'banned')
  honest.content.release()
  await expectSaved(tab, saving)
  const row = bytesFrom(tab, liar.peer)
  await tab.byTestId('download-details').locator('summary').click()
  await expect(row).toContainText(liar.peer.name)
  await expect(row).toContainText('sent wrong bytes')
})

downloads(
  'when there is no more room the download is paused, and goes on when there is',
  async ({ bootstrap, openTab, shareFrom }) => {
    const tab = await openTab()
    const { content } = await shareFrom('Too much.bin')
    content.hold(HALF)
    const { saving } = await get(tab, 'Too much.bin', 1)
    await someChunks(tab)
    const browser = await tab.page.context().newCDPSession(tab.page)
    const { origin } = new URL(bootstrap.url)
    await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
    content.release()
    await expect(state(tab)).toHaveAttribute('data-phase', 'paused')
    await expect(state(tab)).toContainText('not enough room')
    await browser.send('Storage.overrideQuotaForOrigin', { origin })
    await tab.byTestId('download-resume').click()
    await expectSaved(tab, saving)
    await expectNothingTwice(tab)
  }
)

downloads(
  'a download needs no timers, which hardly fire in a tab in the background',
  async ({ openTab, shareFrom }) => {
    const tab = await openTab()
    const { content } = await shareFrom('Out of sight.bin')
    content.hold(CHUNK)
    const { saving } = await get(tab, 'Out of sight.bin', 1)
    await expect(bytesFrom(tab, undefined)).toBeAttached()
    // As in a tab that has been in the background for long: once a minute.
    await tab.page.evaluate(() => {
      const original = globalThis.setTimeout.bind(globalThis)
      const rare = (call: TimerHandler, delay = 0, ...args: unknown[]) =>
        original(call, Math.ceil(delay / 60_000 + 1) * 60_000, ...args)
      Object.assign(globalThis, { setTimeout: rare, setInterval: rare })
    })
    content.release()
    await expectSaved(tab, saving)
  }
)

/** Finds a file at so many sources. */
async function find(tab: Tab, name: string, sources: number): Promise<void> {
  await expect(async () => {
    await tab.search(name.replace('.bin', ''))
    await expect(tab.hit(name).getByTestId('hit-sources')).toHaveAttribute('data-sources', String(sources), {
      timeout: 3000,
    })
  }).toPass({ timeout: 120_000 })
}

/** Finds a file at so many sources, begins to fetch it, and gives what will be saved. */
async function get(tab: Tab, name: string, sources: number): Promise<{ readonly saving: Promise<Download> }> {
  await find(tab, name, sources)
  const saving = tab.page.waitForEvent('download', { timeout: SAVE_MS_MAX })
  // Not every test waits for it.
  saving.catch(() => undefined)
  await tab.hit(name).getByTestId('hit-get').click()
  return { saving }
}

function state(tab: Tab): Locator {
  return tab.byTestId('download-state').first()
}

/** The line of one source in the details. */
function bytesFrom(tab: Tab, peer: SharingPeer | undefined): Locator {
  const rows = tab.byTestId('download-source')
  return peer === undefined ? rows.first() : rows.and(tab.page.locator(`[data-peer="${peer.id}"]`))
}

/** Resolves when so many chunks are verified; of what was given, some lies in chunks that are cut short. */
async function someChunks(tab: Tab, count = /^[1-9]/): Promise<void> {
  await expect(tab.byTestId('download-chunks')).toHaveAttribute('data-done', count)
}

async function expectSaved(tab: Tab, saving: Promise<Download>, timeout = 60_000): Promise<void> {
  await expect(state(tab)).toHaveAttribute('data-phase', 'saved', { timeout })
  const saved = await tab.saved(await saving)
  expect(saved.equals(BYTES), 'the same bytes').toBe(true)
}

/** What each source gave. */
function givenBytes(tab: Tab): Promise<number[]> {
  return tab
    .byTestId('download-source')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-bytes'))).filter((bytes) => bytes > 0))
}

/** What the last run found here. */
async function keptBytes(tab: Tab): Promise<number> {
  const kept = tab.byTestId('download-kept')
  return (await kept.count()) === 0 ? 0 : Number(await kept.getAttribute('data-bytes'))
}

/** What was there before and what the sources of the last run gave make up the file. */
async function expectNothingTwice(tab: Tab): Promise<void> {
  const kept = await keptBytes(tab)
  expect(kept).toBeGreaterThan(0)
  expect(kept + sum(await givenBytes(tab))).toBe(BYTES.length)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
