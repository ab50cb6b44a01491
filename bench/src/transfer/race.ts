import type { Place } from './page.ts'
import { interleave, type Rates, type Round, rateOf, ratesOf, times, timesByCpu } from './rates.ts'
import { connectBare, share, withTabs } from './tabs.ts'
import type { TorrentStore } from './torrents.ts'
import { startTracker } from './tracker.ts'

/** One file from tab to tab, in all ways that are compared, between the same tabs in the same minutes. */
export interface RaceReport {
  readonly sizeBytes: number
  /** Hashing the file in the sharing tab. */
  readonly identifyRate: number
  /** `Servent.download`, verified; each chunk then dropped, as the bare channel does. */
  readonly download: Rates
  /** A bare RTCDataChannel, 256 KiB messages. */
  readonly bare: Rates
  /** download over bare. */
  readonly ratio: number
  /** `Servent.download` to memory, and to the origin private file system. */
  readonly downloadToMemory: Rates
  readonly downloadToOpfs: Rates
  /** WebTorrent to memory, and to its default, the origin private file system; connecting not counted. */
  readonly webtorrentToMemory: Rates
  readonly webtorrentToOpfs: Rates
  /** Ours over WebTorrent's, each to the same place. */
  readonly timesWebtorrent: { readonly memory: number; readonly opfs: number }
  /** The same two by the processors' time; undefined where the system does not tell it. */
  readonly byCpu: {
    readonly ratio: number | undefined
    readonly timesWebtorrent: { readonly memory: number | undefined; readonly opfs: number | undefined }
  }
}

/** Every way in turn, round after round. */
export async function race(url: string, size: number, rounds: number): Promise<RaceReport> {
  const tracker = await startTracker()
  try {
    return await withTabs({ url, size }, async ({ receiver, senders: [sender], cpuMs }) => {
      if (sender === undefined) throw new Error('No tab shares')
      const shared = await share(sender)
      await connectBare(receiver, sender)
      const torrentFile = await sender.evaluate(async (at) => (await bench).seed(at), tracker.url)
      const download = (to: Place) => () =>
        receiver.evaluate(async ([file, place]) => (await bench).fetch([file], place), [shared, to] as const)
      const webtorrent = (to: TorrentStore) => () =>
        receiver.evaluate(async ([file, at, store]) => (await bench).torrents.fetch(file, at, store), [
          torrentFile,
          tracker.url,
          to,
        ] as const)
      const found = await interleave(
        {
          bare: () => receiver.evaluate(async (bytes) => (await bench).bare.receive(bytes), size),
          download: download('nowhere'),
          downloadToMemory: download('memory'),
          webtorrentToMemory: webtorrent('memory'),
          downloadToOpfs: download('opfs'),
          webtorrentToOpfs: webtorrent('opfs'),
        },
        { rounds, warmUp: true, cpuMs }
      )
      return reportOf(size, shared.identifyMs, found)
    })
  } finally {
    await tracker.stop()
  }
}

type Contestant =
  | 'bare'
  | 'download'
  | 'downloadToMemory'
  | 'webtorrentToMemory'
  | 'downloadToOpfs'
  | 'webtorrentToOpfs'

function reportOf(size: number, identifyMs: number, found: Readonly<Record<Contestant, readonly Round[]>>): RaceReport {
  const rates = (name: Contestant) => ratesOf(size, found[name])
  const [download, bare] = [rates('download'), rates('bare')]
  const [downloadToMemory, downloadToOpfs] = [rates('downloadToMemory'), rates('downloadToOpfs')]
  const [webtorrentToMemory, webtorrentToOpfs] = [rates('webtorrentToMemory'), rates('webtorrentToOpfs')]
  return {
    sizeBytes: size,
    identifyRate: rateOf(size, identifyMs),
    download,
    bare,
    ratio: times(download, bare),
    downloadToMemory,
    downloadToOpfs,
    webtorrentToMemory,
    webtorrentToOpfs,
    timesWebtorrent: {
      memory: times(downloadToMemory, webtorrentToMemory),
      opfs: times(downloadToOpfs, webtorrentToOpfs),
    },
    byCpu: {
      ratio: timesByCpu(download, bare),
      timesWebtorrent: {
        memory: timesByCpu(downloadToMemory, webtorrentToMemory),
        opfs: timesByCpu(downloadToOpfs, webtorrentToOpfs),
      },
    },
  }
}
