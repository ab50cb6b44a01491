import { computed, effect, signal } from '@preact/signals'
import type { UploadStatus } from '@servent/servent'
import { servent } from './peer.ts'

/** An upload is shown until nothing was heard of it for so long, in milliseconds. */
const UPLOAD_QUIET_MS = 8_000
/** Uploads shown at once. */
const UPLOADS_MAX = 50

/** Who fetches what of ours now, by peer and content. */
const uploadsByKey = signal<ReadonlyMap<string, UploadStatus>>(new Map())

export const uploads = computed(() => [...uploadsByKey.value.values()])

/** True while somebody is in the middle of fetching one of our files. */
export const isUploading = computed(() => uploads.value.some(({ isOver }) => !isOver))

/** Bytes per second of all of them. */
export const uploadSpeed = computed(() =>
  uploads.value.reduce((sum, { isOver, bytesPerSecond }) => (isOver ? sum : sum + bytesPerSecond), 0)
)

const quietTimers = new Map<string, ReturnType<typeof setTimeout>>()

/** Follows what others fetch, from when the peer has started. */
export function followUploads(): () => void {
  return effect(() => {
    const peer = servent.value
    if (peer === undefined) return
    const onUpload = ({ detail }: CustomEvent<UploadStatus>) => show(detail)
    peer.addEventListener('upload', onUpload)
    return () => peer.removeEventListener('upload', onUpload)
  })
}

function show(upload: UploadStatus): void {
  const key = `${upload.peer.id} ${upload.cid}`
  const next = new Map(uploadsByKey.value)
  if (next.size >= UPLOADS_MAX && !next.has(key)) return
  uploadsByKey.value = next.set(key, upload)
  clearTimeout(quietTimers.get(key))
  quietTimers.set(
    key,
    setTimeout(() => hide(key), UPLOAD_QUIET_MS)
  )
}

function hide(key: string): void {
  quietTimers.delete(key)
  const left = new Map(uploadsByKey.value)
  left.delete(key)
  uploadsByKey.value = left
}
