import type { PeerId } from '@libp2p/interface'
import { SpeedMeter } from '../progress.ts'
import type { ServerLimits } from './limits.ts'
import type { SharedFile } from './shared-files.ts'

/** A peer fetches a file. */
export interface UploadProgress {
  readonly peer: PeerId
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes of this file handed to the transport since the peer began to fetch it. */
  readonly sentBytes: number
  /** Over the last few seconds. */
  readonly bytesPerSecond: number
  /** The peer has ended its last stream: the last that is told of this upload. */
  readonly isOver: boolean
}

/** Reports of one upload are at least so far apart, in milliseconds. */
const REPORT_EVERY_MS = 250

/** Files of which one peer's progress is told at once; it may fetch more, untold. */
const UPLOADS_PER_PEER_MAX = 64

interface Upload {
  readonly file: SharedFile
  readonly speed: SpeedMeter
  sentBytes: number
  reportedAtMs: number
}

interface Client {
  readonly peer: PeerId
  streams: number
  hasSlot: boolean
  readonly uploads: Map<string, Upload>
}

/** Who fetches what: counts streams, gives out upload slots and tells of progress. Nothing of a peer is kept when its last stream ends. */
export class UploadLedger {
  readonly #limits: ServerLimits
  #slotsMax: number
  readonly #report: (upload: UploadProgress) => void
  readonly #clients = new Map<string, Client>()
  readonly #counts = new Map<string, number>()
  readonly #onSlotFree = new Set<() => void>()
  #slotsTaken = 0

  constructor(limits: ServerLimits, report: (upload: UploadProgress) => void) {
    this.#limits = limits
    this.#slotsMax = limits.uploadSlotsMax
    this.#report = report
  }

  /** Peers that are sent content at once, from now on. Who has a slot keeps it. */
  set slotsMax(slotsMax: number) {
    if (!(slotsMax >= 1)) throw new RangeError('There is one upload slot at least.')
    this.#slotsMax = slotsMax
    this.#tellSlotFree()
  }

  /** Has a function called whenever there may be a slot again. Gives what ends that. */
  onSlotFree(listener: () => void): () => void {
    this.#onSlotFree.add(listener)
    return () => this.#onSlotFree.delete(listener)
  }

  /** A stream of a peer begins. Returns whether the peer may have it. Each call is followed by one of `close`. */
  open(peer: PeerId): boolean {
    const client = this.#clients.get(peer.toString()) ?? { peer, streams: 0, hasSlot: false, uploads: new Map() }
    this.#clients.set(peer.toString(), client)
    client.streams++
    return client.streams <= this.#limits.streamsPerPeerMax
  }

  /** A stream of a peer has ended. With its last one the peer's slot is free again. */
  close(peer: PeerId): void {
    const client = this.#clients.get(peer.toString())
    if (client === undefined || --client.streams > 0) return
    this.#clients.delete(peer.toString())
    for (const upload of client.uploads.values()) this.#tell(client, upload, true)
    if (!client.hasSlot) return
    this.#slotsTaken--
    this.#tellSlotFree()
  }

  /** Gives the peer an upload slot, unless it has one. False when there is none. */
  takeSlot(peer: PeerId): boolean {
    const client = this.#clients.get(peer.toString())
    if (client === undefined) return false
    if (client.hasSlot) return true
    if (this.#slotsTaken >= this.#slotsMax) return false
    this.#slotsTaken++
    client.hasSlot = true
    return true
  }

  /** Bytes of a file go to a peer. */
  sent(peer: PeerId, file: SharedFile, bytes: number): void {
    const client = this.#clients.get(peer.toString())
    const upload = client && this.#upload(client, file)
    if (client === undefined || upload === undefined) return
    upload.sentBytes += bytes
    upload.speed.add(bytes)
    if (performance.now() - upload.reportedAtMs >= REPORT_EVERY_MS) this.#tell(client, upload, false)
  }

  /** How often uploads of a file have begun. */
  count(cid: string): number {
    return this.#counts.get(cid) ?? 0
  }

  /** A file is no longer shared: its count begins anew with it. */
  forget(cid: string): void {
    this.#counts.delete(cid)
  }

  #tellSlotFree(): void {
    for (const listener of this.#onSlotFree) listener()
  }

  #upload(client: Client, file: SharedFile): Upload | undefined {
    const cid = file.identity.cid.toString()
    const known = client.uploads.get(cid)
    if (known !== undefined || client.uploads.size >= UPLOADS_PER_PEER_MAX) return known
    const upload: Upload = {
      file,
      speed: new SpeedMeter(),
      sentBytes: 0,
      reportedAtMs: Number.NEGATIVE_INFINITY,
    }
    client.uploads.set(cid, upload)
    this.#counts.set(cid, this.count(cid) + 1)
    return upload
  }

  #tell({ peer }: Client, upload: Upload, isOver: boolean): void {
    upload.reportedAtMs = performance.now()
    const { sentBytes, speed } = upload
    const { bytesPerSecond } = speed
    const { identity, content } = upload.file
    this.#report({ peer, cid: identity.cid.toString(), name: content.name, sentBytes, bytesPerSecond, isOver })
  }
}
