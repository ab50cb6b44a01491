import { computed, effect, type Signal, signal } from '@preact/signals'
import type { Share, TransferProgress, UploadStatus } from '@servent/servent'
import { fileBlobContent } from '@servent/transfer/browser'
import { servent, whenReady } from './peer.ts'
import { sentenceOf } from './problems.ts'

/** What this tab shares, as the peer tells it. */
export const shares = signal<readonly Share[]>([])

export type HashingState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'hashing'; readonly progress: TransferProgress | undefined }
  | { readonly phase: 'failed'; readonly problem: string }

/** A chosen file that is not shared yet. */
export interface Hashing {
  /** Tells apart files that are chosen twice. */
  readonly id: number
  readonly file: File
  readonly state: Signal<HashingState>
}

export const hashings = signal<readonly Hashing[]>([])

/** Set when something about the last choice of files has to be said. */
export const shareNote = signal<string | undefined>(undefined)

/** Files that may wait to be shared: a folder of a whole disk was dropped by mistake. */
export const FILES_MAX = 1_000

const controllers = new Map<Hashing, AbortController>()
let nextId = 1

/** Shares files, one after the other. */
export function shareFiles(files: readonly File[]): void {
  const room = FILES_MAX - hashings.value.length
  const taken = files.slice(0, Math.max(0, room))
  shareNote.value = noteFor(files.length, taken.length)
  const added = taken.map(
    (file): Hashing => ({ id: nextId++, file, state: signal<HashingState>({ phase: 'waiting' }) })
  )
  hashings.value = [...hashings.value, ...added]
  void hashNext()
}

export function cancelHashing(hashing: Hashing): void {
  hashings.value = hashings.value.filter((other) => other !== hashing)
  controllers.get(hashing)?.abort()
}

export function retryHashing(hashing: Hashing): void {
  hashing.state.value = { phase: 'waiting' }
  void hashNext()
}

export function stopSharing(cid: string): void {
  servent.value?.unshare(cid)
}

async function hashNext(): Promise<void> {
  if (controllers.size > 0) return
  const hashing = hashings.value.find((candidate) => candidate.state.value.phase === 'waiting')
  if (hashing === undefined) return
  const controller = new AbortController()
  controllers.set(hashing, controller)
  hashing.state.value = { phase: 'hashing', progress: undefined }
  try {
    const peer = await whenReady()
    await peer.share(fileBlobContent(hashing.file), {
      signal: controller.signal,
      onProgress: (progress) => {
        if (!controller.signal.aborted) hashing.state.value = { phase: 'hashing', progress }
      },
    })
    hashings.value = hashings.value.filter((other) => other !== hashing)
  } catch (error) {
    if (!controller.signal.aborted) {
      console.warn(`"${hashing.file.name}" was not shared`, error)
      hashing.state.value = { phase: 'failed', problem: sentenceOf(error) }
    }
  } finally {
    controllers.delete(hashing)
    void hashNext()
  }
}

function noteFor(chosen: number, taken: number): string | undefined {
  if (chosen === 0) return 'There was no file in that.'
  if (taken < chosen) return `Only ${taken} of these ${chosen} files are taken: share fewer at a time.`
  return undefined
}

/** An upload counts as running until nothing was heard of it for so long. */
const UPLOAD_QUIET_MS = 8_000
/** Uploads shown at once. */
const UPLOADS_MAX = 50

/** Who fetches what of ours now, by peer and content. */
const uploadsByKey = signal<ReadonlyMap<string, UploadStatus>>(new Map())

export const uploads = computed(() => [...uploadsByKey.value.values()])

const quietTimers = new Map<string, ReturnType<typeof setTimeout>>()

function onUpload(upload: UploadStatus): void {
  const key = `${upload.peer.id} ${upload.cid}`
  const next = new Map(uploadsByKey.value)
  if (next.size >= UPLOADS_MAX && !next.has(key)) return
  uploadsByKey.value = next.set(key, upload)
  clearTimeout(quietTimers.get(key))
  quietTimers.set(
    key,
    setTimeout(() => {
      quietTimers.delete(key)
      const left = new Map(uploadsByKey.value)
      left.delete(key)
      uploadsByKey.value = left
    }, UPLOAD_QUIET_MS)
  )
}

/** True while somebody is in the middle of fetching one of our files. */
export const isUploading = computed(() =>
  uploads.value.some((upload) => {
    const share = shares.value.find(({ cid }) => cid === upload.cid)
    return share !== undefined && upload.sentBytes < share.size
  })
)

/** Follows the peer's own list, from when it has started. */
export function followShares(): () => void {
  return effect(() => {
    const peer = servent.value
    if (peer === undefined) return
    shares.value = peer.shares
    const onShares = (event: CustomEvent<readonly Share[]>) => {
      shares.value = event.detail
    }
    const onUploadEvent = (event: CustomEvent<UploadStatus>) => onUpload(event.detail)
    peer.addEventListener('shares', onShares)
    peer.addEventListener('upload', onUploadEvent)
    return () => {
      peer.removeEventListener('shares', onShares)
      peer.removeEventListener('upload', onUploadEvent)
    }
  })
}
