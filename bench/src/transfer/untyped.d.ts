/** What is used here of packages that bring no types. */

declare module 'webtorrent/dist/webtorrent.min.js' {
  /** Keeps the pieces of a torrent. */
  type Store = new (pieceBytes: number, options: object) => object

  interface TorrentOptions {
    /** URLs of trackers. */
    readonly announce: readonly string[]
    /** Default in a tab: the origin private file system. */
    readonly store?: Store
    readonly storeCacheSlots?: number
  }

  export interface Torrent {
    /** What a `.torrent` file holds. */
    readonly torrentFile: Uint8Array
    once(event: 'wire' | 'done', listener: () => void): void
    once(event: 'error', listener: (error: Error) => void): void
    destroy(options: { readonly destroyStore: boolean }, onEnd: () => void): void
  }

  export default class WebTorrent {
    constructor(options: { readonly dht: false; readonly tracker: { readonly rtcConfig: RTCConfiguration } })
    seed(file: File, options: TorrentOptions, onSeed: (torrent: Torrent) => void): Torrent
    add(torrentFile: Uint8Array, options: TorrentOptions): Torrent
  }
}

declare module 'memory-chunk-store' {
  export default class MemoryChunkStore {
    constructor(pieceBytes: number, options: object)
  }
}

declare module 'bittorrent-tracker/server' {
  import type { Server } from 'node:http'

  export default class Tracker {
    constructor(options: { readonly http: false; readonly udp: false; readonly stats: false })
    readonly http: Server
    listen(port: number, hostname: string, onListening: () => void): void
    close(onClose: () => void): void
  }
}
