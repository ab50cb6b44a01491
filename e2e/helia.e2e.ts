import { HeliaReader } from '@servent/ecosystem-tests/helia-reader'
import { expect, test, testBytes } from './fixtures.ts'

/** How long a tab may take to tell of a file, and one try of Helia to read it, in milliseconds. */
const PROVIDED_MS = 90_000
const READ_MS = 30_000

test('Helia, unchanged, reads a file from a tab by its CID alone', async ({ bootstrap, openTab }) => {
  test.setTimeout(300_000)
  const tab = await openTab()
  await tab.waitForPeers(1)
  // Three chunks and a root above them.
  const bytes = testBytes(2_500_000, 5)
  await tab.share('For everyone.bin', bytes)
  const link = (await tab.byTestId('share-link').getAttribute('href')) ?? ''
  const [, cid = ''] = /#\/get\/([a-z0-9]+)/.exec(link) ?? []

  const { multiaddrs } = await bootstrap.info()
  const reader = await HeliaReader.start(multiaddrs)
  try {
    const provider = await reader.untilProvided(cid, AbortSignal.timeout(PROVIDED_MS))
    // A dial by WebRTC stalls now and then, and Helia itself does not dial again.
    await expect(async () => {
      const read = await reader.read(cid, AbortSignal.timeout(READ_MS))
      expect(Buffer.compare(read, bytes)).toBe(0)
    }).toPass({ timeout: 4 * READ_MS })
    // Straight from the tab, which can be reached by WebRTC only.
    expect(reader.waysTo(provider)).toContainEqual(expect.stringContaining('/webrtc'))
  } finally {
    await reader.stop()
  }
})
