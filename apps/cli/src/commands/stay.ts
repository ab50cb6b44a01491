import { basename } from 'node:path'
import type { Servent, UploadStatus } from '@servent/servent'
import type { Terminal } from '../terminal.ts'

/** Ours: uploads remembered so that each is told once; forgetting them repeats a line, no more. */
const TOLD_MAX = 1000

/** Tells of each file that somebody begins to fetch, until the signal fires. */
export async function stayUntil(signal: AbortSignal, peer: Servent, terminal: Terminal): Promise<void> {
  const told = new Set<string>()
  const onUpload = ({ detail }: CustomEvent<UploadStatus>): void => {
    const key = `${detail.peer.id} ${detail.cid}`
    if (told.has(key)) return
    if (told.size >= TOLD_MAX) told.clear()
    told.add(key)
    terminal.result(`${detail.peer.name} fetches ${basename(detail.name)}`, { event: 'upload', ...detail })
  }
  peer.addEventListener('upload', onUpload)
  await untilAborted(signal)
  peer.removeEventListener('upload', onUpload)
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
