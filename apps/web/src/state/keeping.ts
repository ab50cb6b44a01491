import type { Share } from '@servent/servent'
import { askToPersist } from '../peer/browser-storage.ts'
import { askToRead, mayRead } from '../peer/file-system-access.ts'
import type { ChosenFile } from '../peer/files.ts'
import { type KeptShare, KeptShares, type KeptSource } from '../peer/kept-shares.ts'
import { clearCopies, dropCopy, makeCopy, openCopy } from '../peer/share-copies.ts'
import {
  copying,
  type Known,
  keepingNote,
  keptSources,
  type Reshare,
  type WaitingReason,
  type WaitingShare,
  waitingShares,
} from './kept-shares.ts'
import { sentenceOf } from './problems.ts'

interface Keeping {
  readonly table: KeptShares
  /** Number of this identity's slot. */
  readonly slot: number
  readonly reshare: Reshare
}

/** Where shares are kept, once that is known; undefined where the browser keeps nothing. */
const keeping = Promise.withResolvers<Keeping | undefined>()
let hasAskedToPersist = false
const kept = new Map<string, KeptShare>()
/** The files that are shared now: a copy is made of them. */
const files = new Map<string, File>()

/**
 * Finds the files again that this identity shared before.
 *
 * @param slot - number of its slot; undefined when the browser keeps nothing
 * @param reshare - shares one of them
 */
export async function startKeeping(slot: number | undefined, reshare: Reshare): Promise<void> {
  const table = slot === undefined ? undefined : await KeptShares.open()
  if (slot === undefined || table === undefined) return keeping.resolve(undefined)
  try {
    for (const share of await table.of(slot)) kept.set(share.cid, share)
  } finally {
    keeping.resolve({ table, slot, reshare })
  }
  tellSources()
  for (const share of [...kept.values()]) await recall(share)
  await clearCopies(table)
}

/** What this identity knows of a file that was chosen: so that it need not be hashed again. */
export async function knownOf(chosen: ChosenFile): Promise<Known> {
  const { file, handle } = chosen
  await keeping.promise
  for (const { name, size, lastModified, source, identity } of kept.values()) {
    if (name !== file.name || size !== file.size || lastModified !== file.lastModified) continue
    if (handle === undefined || source.kind !== 'handle') return { known: identity, isGuess: true }
    if (await handle.isSameEntry(source.handle)) return { known: identity }
  }
  return {}
}

/** Keeps a share for the next visit. */
export async function keepShare(
  { file, handle, folder }: ChosenFile,
  share: Share,
  identity: Uint8Array
): Promise<void> {
  const { cid } = share
  files.set(cid, file)
  waitingShares.value = waitingShares.value.filter((waiting) => waiting.share.cid !== cid)
  const at = await keeping.promise
  if (at === undefined) return
  const before = kept.get(cid)
  const source: KeptSource =
    handle === undefined
      ? before?.source.kind === 'copy'
        ? before.source
        : { kind: 'none' }
      : { kind: 'handle', handle, folder }
  const { name, size, lastModified } = file
  const addedAtMs = before?.addedAtMs ?? Date.now()
  await put({ slot: at.slot, cid, name, size, lastModified, identity, source, addedAtMs })
  if (!hasAskedToPersist) {
    hasAskedToPersist = true
    await askToPersist()
  }
}

/** Forgets a share, and frees the room of its copy. */
export async function forgetShare(cid: string): Promise<void> {
  const source = kept.get(cid)?.source
  waitingShares.value = waitingShares.value.filter((waiting) => waiting.share.cid !== cid)
  kept.delete(cid)
  files.delete(cid)
  tellSources()
  const at = await keeping.promise
  if (at === undefined) return
  await at.table.delete(at.slot, cid)
  if (source?.kind === 'copy') await dropCopy(cid, at.table)
}

/** Shares files again that wait. Only in answer to a click: the browser may ask the person. */
export async function shareAgain(waiting: readonly WaitingShare[]): Promise<void> {
  keepingNote.value = undefined
  let refused = 0
  for (const { share } of waiting) {
    const { source } = share
    try {
      // One answer for a folder is enough for all that was chosen with it.
      if (source.kind === 'handle' && !(await askToRead(source.folder ?? source.handle))) refused++
      else await recall(share, true)
    } catch (error) {
      console.warn(`"${share.name}" could not be shared again`, error)
      wait(share, 'gone')
    }
  }
  if (refused > 0) keepingNote.value = 'The browser did not allow it. Try again and say yes, or choose the files anew.'
}

/** Keeps a copy of a shared file in this browser, so that it is shared again on the next visit. */
export async function keepCopy(cid: string): Promise<void> {
  const share = kept.get(cid)
  const file = files.get(cid)
  if (share === undefined || file === undefined || copying.value.has(cid)) return
  keepingNote.value = undefined
  copying.value = new Set([...copying.value, cid])
  try {
    await makeCopy(cid, file)
    await put({ ...share, source: { kind: 'copy' } })
  } catch (error) {
    console.warn(`No copy of "${share.name}" was made`, error)
    keepingNote.value = sentenceOf(error)
  } finally {
    copying.value = new Set([...copying.value].filter((other) => other !== cid))
  }
}

/** Shares a file again if it can be read and has not changed; otherwise says why not. */
async function recall(share: KeptShare, isAsked = false): Promise<void> {
  const { source } = share
  try {
    if (source.kind === 'none') return wait(share, 'lost')
    if (source.kind === 'handle' && !isAsked && !(await mayRead(source.folder ?? source.handle))) {
      return wait(share, 'permission')
    }
    const file = source.kind === 'copy' ? await openCopy(share.cid) : await source.handle.getFile()
    const isSame = file.size === share.size && (source.kind === 'copy' || file.lastModified === share.lastModified)
    if (!isSame && !isAsked) return wait(share, 'changed')
    const chosen = source.kind === 'copy' ? copyOf(share, file) : { file, handle: source.handle, folder: source.folder }
    if (!isSame) await forgetShare(share.cid)
    await (await keeping.promise)?.reshare(chosen, share)
  } catch (error) {
    console.warn(`"${share.name}" is not shared again`, error)
    wait(share, 'gone')
  }
}

/** A copy has its CID for a name, and the time at which it was made. */
function copyOf({ name, lastModified }: KeptShare, copy: File): ChosenFile {
  return { file: new File([copy], name, { lastModified }), handle: undefined, folder: undefined }
}

function wait(share: KeptShare, why: WaitingReason): void {
  const others = waitingShares.value.filter((waiting) => waiting.share.cid !== share.cid)
  waitingShares.value = [...others, { share, why }]
}

async function put(share: KeptShare): Promise<void> {
  kept.set(share.cid, share)
  tellSources()
  await (await keeping.promise)?.table.put(share)
}

function tellSources(): void {
  keptSources.value = new Map([...kept].map(([cid, { source }]) => [cid, source.kind]))
}
