import { createServent, type Hit, type PeerIdentity, type Servent, type Source } from '@servent/servent'
import type { Sink } from '@servent/transfer'
import { fileBlobContent, opfsSink } from '@servent/transfer/browser'
import { bareChannel } from './bare.ts'

/** A file that this tab shares. */
export interface Shared {
  readonly cid: string
  readonly size: number
  readonly peer: PeerIdentity
  /** Milliseconds that hashing took. */
  readonly identifyMs: number
}

/** What the bench asks of a tab, in words that pass between processes. */
export interface BenchPage {
  readonly bare: ReturnType<typeof bareChannel>
  /** Shares the file that was put into the page. */
  share(): Promise<Shared>
  /** Fetches a file and gives milliseconds. */
  fetch(shared: Shared, to: 'nowhere' | 'opfs'): Promise<number>
}

declare global {
  var bench: Promise<BenchPage>
}

globalThis.bench = start()

async function start(): Promise<BenchPage> {
  const peer = await createServent({ bootstrap: location.origin, privateAddresses: true })
  await reachable(peer)
  return { bare: bareChannel(), share: () => share(peer), fetch: (shared, to) => fetchFile(peer, shared, to) }
}

/** Resolves when other tabs can dial this one. */
function reachable(peer: Servent): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!peer.multiaddrs.some((address) => address.includes('/webrtc'))) return
      peer.removeEventListener('status', look)
      resolve()
    }
    peer.addEventListener('status', look)
    look()
  })
}

async function share(peer: Servent): Promise<Shared> {
  const file = document.querySelector('input')?.files?.[0]
  if (file === undefined) throw new Error('No file was put into the page')
  const startedAt = performance.now()
  const { cid, size } = await peer.share(fileBlobContent(file))
  return { cid, size, peer: peer.identity, identifyMs: performance.now() - startedAt }
}

/** Drops what it is given, as the bare channel does: the way is measured, not the place to keep things. */
const nowhere: Sink = { write: async () => undefined, close: async () => undefined, abort: async () => undefined }

async function fetchFile(peer: Servent, shared: Shared, to: 'nowhere' | 'opfs'): Promise<number> {
  const { cid, size } = shared
  const sink = to === 'nowhere' ? nowhere : await opfsSink('bench.bin', size, () => undefined)
  const source: Source = { peer: shared.peer, findings: [{ overlay: 'gnutella', hops: 1, afterMs: 0 }], pushPaths: [] }
  const hit: Hit = { cid, name: 'bench.bin', size, sha1: undefined, sources: [source] }
  const { durationMs, transport } = await peer.download(hit, sink)
  if (transport !== 'webrtc') throw new Error(`The file came by ${transport}, not from tab to tab`)
  return durationMs
}
