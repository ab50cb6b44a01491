import MemoryChunkStore from 'memory-chunk-store'
import WebTorrent, { type Torrent } from 'webtorrent/dist/webtorrent.min.js'

/** Where WebTorrent keeps pieces: its default in a tab is the origin private file system. */
export type TorrentStore = 'memory' | 'opfs'

/** The same file by WebTorrent, to compare with. */
export interface Torrents {
  /** Offers a file through a tracker, from memory. Gives its `.torrent` file. */
  seed(file: File, tracker: string): Promise<number[]>
  /** Fetches it and gives milliseconds from when the peers are connected. */
  fetch(torrentFile: readonly number[], tracker: string, store: TorrentStore): Promise<number>
}

const inMemory = { store: MemoryChunkStore, storeCacheSlots: 0 }

export function torrents(): Torrents {
  const client = new WebTorrent({ dht: false, tracker: { rtcConfig: { iceServers: [] } } })
  return {
    seed: (file, tracker) =>
      new Promise((resolve, reject) => {
        const seeded = client.seed(file, { ...inMemory, announce: [tracker] }, (torrent) =>
          resolve([...torrent.torrentFile])
        )
        seeded.once('error', reject)
      }),
    fetch: async (torrentFile, tracker, store) => {
      const options = { announce: [tracker], ...(store === 'memory' ? inMemory : {}) }
      const torrent = client.add(Uint8Array.from(torrentFile), options)
      const durationMs = await untilDone(torrent)
      await new Promise<void>((resolve) => torrent.destroy({ destroyStore: true }, resolve))
      return durationMs
    },
  }
}

function untilDone(torrent: Torrent): Promise<number> {
  return new Promise((resolve, reject) => {
    let startedAt = 0
    torrent.once('error', reject)
    torrent.once('wire', () => {
      startedAt = performance.now()
    })
    torrent.once('done', () => resolve(performance.now() - startedAt))
  })
}
