import { createServent, type PeerIdentity, type Servent } from '@servent/servent'
import { MemorySink } from '@servent/transfer'
import { discardKept, fileBlobContent, opfsSink } from '@servent/transfer/browser'
import { bareChannel } from './bare.ts'
import { fetchFrom, nowhere, whenStatus } from './fetch.ts'
import { type Torrents, torrents } from './torrents.ts'

/** A file that this tab shares. */
export interface Shared {
  readonly cid: string
  readonly size: number
  readonly peer: PeerIdentity
  /** Milliseconds that hashing took. */
  readonly identifyMs: number
}

/** Where a fetched file goes. */
export type Place = 'nowhere' | 'memory' | 'opfs'

/** What the bench asks of a tab, in words that pass between processes. */
export interface BenchPage {
  readonly bare: ReturnType<typeof bareChannel>
  readonly torrents: Torrents
  /** Shares the file that was put into the page. */
  share(): Promise<Shared>
  /** Shares nothing any more. */
  unshare(): void
  /** Offers it by WebTorrent too, and gives the `.torrent` file. */
  seed(tracker: string): Promise<number[]>
  /** Uploads this much at most, from now on, and nothing on credit. */
  limitUploads(bytesPerSecond: number): void
  /** Fetches a file from all who share it and gives milliseconds. */
  fetch(shared: readonly Shared[], to: Place): Promise<number>
}

declare global {
  var bench: Promise<BenchPage>
}

globalThis.bench = start()

async function start(): Promise<BenchPage> {
  const peer = await createServent({ bootstrap: location.origin, privateAddresses: true })
  // Until then no other tab can dial this one.
  await whenStatus(peer, () => peer.multiaddrs.some((address) => address.includes('/webrtc')))
  return {
    bare: bareChannel(),
    torrents: torrents(),
    share: () => share(peer),
    unshare: () => {
      for (const { cid } of peer.shares) peer.unshare(cid)
    },
    seed: async (tracker) => (await bench).torrents.seed(chosenFile(), tracker),
    limitUploads: (bytesPerSecondMax) => {
      // What was saved up while nobody fetched is forgotten when there is no limit.
      peer.setUploadLimits({ bytesPerSecondMax: Number.POSITIVE_INFINITY })
      peer.setUploadLimits({ bytesPerSecondMax })
    },
    fetch: (shared, to) => fetchTo(to, peer, shared),
  }
}

function chosenFile(): File {
  const file = document.querySelector('input')?.files?.[0]
  if (file === undefined) throw new Error('No file was put into the page')
  return file
}

async function share(peer: Servent): Promise<Shared> {
  const startedAt = performance.now()
  const { cid, size } = await peer.share(fileBlobContent(chosenFile()))
  return { cid, size, peer: peer.identity, identifyMs: performance.now() - startedAt }
}

async function fetchTo(place: Place, peer: Servent, shared: readonly Shared[]): Promise<number> {
  if (place === 'nowhere') return fetchFrom(peer, shared, nowhere, 'webrtc')
  const [first] = shared
  if (first === undefined) throw new Error('Nobody shares the file')
  const { cid, size } = first
  if (place === 'memory') return fetchFrom(peer, shared, new MemorySink(size), 'webrtc')
  const sink = await opfsSink('bench.bin', { cid, size, deliver: () => undefined })
  const durationMs = await fetchFrom(peer, shared, sink, 'webrtc')
  // Otherwise the next round would find it there.
  await discardKept(cid)
  return durationMs
}
