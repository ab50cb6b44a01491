import { HeliaReader } from '@servent/ecosystem-tests/helia-reader'
import { expect, test, testBytes } from './fixtures.ts'

/** How long a tab may take to tell of a file, and Helia to read it, in milliseconds. */
const READ_MS = 90_000

test('Helia, unchanged, reads a file from a tab by its CID alone', async ({ bootstrap, openTab }) => {
  test.setTimeout(180_000)
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
    const signal = AbortSignal.timeout(READ_MS)
    const provider = await reader.untilProvided(cid, signal)
    const read = await reader.read(cid, signal)
    expect(Buffer.compare(read, bytes)).toBe(0)
    // Straight from the tab, which can be reached by WebRTC only.
    expect(reader.waysTo(provider)).toContainEqual(expect.stringContaining('/webrtc'))
  } finally {
    await reader.stop()
  }
})
