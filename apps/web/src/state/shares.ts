import { effect, type Signal, signal } from '@preact/signals'
import type { Share, TransferProgress } from '@servent/servent'
import type { ChosenFile } from '../peer/files.ts'
import type { ShareFileOptions } from '../peer/share-file.ts'
import { fileShared, foldersChanged } from './folders.ts'
import { forgetShare, keepShare, knownOf, startKeeping } from './keep-shares.ts'
import type { OfferedFolder } from './offered-folders.ts'
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
  readonly chosen: ChosenFile
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
export function shareFiles(files: readonly ChosenFile[]): void {
  const room = FILES_MAX - hashings.value.length
  const taken = files.slice(0, Math.max(0, room))
  shareNote.value = noteFor(files.length, taken.length)
  const added = taken.map(
    (chosen): Hashing => ({ id: nextId++, chosen, state: signal<HashingState>({ phase: 'waiting' }) })
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

/** Offers a file no more, now and on the next visit. */
export function stopSharing(cid: string): void {
  servent.value?.unshare(cid)
  foldersChanged()
  forgetShare(cid).catch((error: unknown) => console.warn('A share was not forgotten', error))
}

/** Offers a folder no more, nor the files in it, now and on the next visit. */
export function stopSharingFolder({ cids }: OfferedFolder): void {
  for (const cid of cids) stopSharing(cid)
}

/** Offers nothing any more, and takes up nothing that waits to be shared. */
export function stopSharingAll(): void {
  for (const hashing of hashings.value) cancelHashing(hashing)
  for (const { cid } of shares.value) stopSharing(cid)
}

/**
 * Shares again what this identity shared before.
 *
 * @param slot - number of its slot; undefined when the browser keeps nothing
 */
export function recallShares(slot: number | undefined): Promise<void> {
  return startKeeping(slot, async (chosen, kept) => {
    // What has changed is hashed again, and is seen to be.
    if (chosen.file.size !== kept.size || chosen.file.lastModified !== kept.lastModified) return shareFiles([chosen])
    await share(chosen, { known: kept.identity })
    foldersChanged()
  })
}

async function hashNext(): Promise<void> {
  if (controllers.size > 0) return
  const hashing = hashings.value.find((candidate) => candidate.state.value.phase === 'waiting')
  if (hashing === undefined) return foldersChanged()
  const controller = new AbortController()
  const { chosen, state } = hashing
  controllers.set(hashing, controller)
  state.value = { phase: 'hashing', progress: undefined }
  try {
    await share(chosen, {
      ...(await knownOf(chosen)),
      signal: controller.signal,
      onProgress: (progress) => {
        if (!controller.signal.aborted) state.value = { phase: 'hashing', progress }
      },
    })
    hashings.value = hashings.value.filter((other) => other !== hashing)
  } catch (error) {
    if (!controller.signal.aborted) {
      console.warn(`"${chosen.file.name}" was not shared`, error)
      state.value = { phase: 'failed', problem: sentenceOf(error) }
    }
  } finally {
    controllers.delete(hashing)
    void hashNext()
  }
}

async function share(chosen: ChosenFile, options: ShareFileOptions): Promise<void> {
  const [peer, { shareFile }] = await Promise.all([whenReady(), import('../peer/peer.ts')])
  const { share, identity } = await shareFile(peer, chosen.file, options)
  await fileShared(chosen, share.cid)
  await keepShare(chosen, share, identity)
}

function noteFor(chosen: number, taken: number): string | undefined {
  if (chosen === 0) return 'There was no file in that.'
  if (taken < chosen) return `Only ${taken} of these ${chosen} files are taken: share fewer at a time.`
  return undefined
}

/** Follows the peer's own list, from when it has started. */
export function followShares(): () => void {
  return effect(() => {
    const peer = servent.value
    if (peer === undefined) return
    shares.value = peer.shares
    const onShares = (event: CustomEvent<readonly Share[]>) => {
      shares.value = event.detail
    }
    peer.addEventListener('shares', onShares)
    return () => peer.removeEventListener('shares', onShares)
  })
}
