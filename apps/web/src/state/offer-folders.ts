import type { FolderPlace, Servent } from '@servent/servent'
import type { ChosenFile } from '../peer/files.ts'
import { folderNote, offeredFolders } from './offered-folders.ts'
import { servent } from './peer.ts'
import { sentenceOf } from './problems.ts'

/** How long after a change folders are made anew, in milliseconds. Ours: many files of one come one after the other. */
const SETTLE_MS = 300

/** The CID of each path, of each folder by its name. */
const folders = new Map<string, Map<string, string>>()
let timer: ReturnType<typeof setTimeout> | undefined
let offering: Promise<void> = Promise.resolve()

/** Notes where a file that is shared is in its folder. */
export async function fileShared(chosen: ChosenFile, cid: string): Promise<void> {
  const [name, ...path] = await pathOf(chosen)
  if (name === undefined || path.length === 0) return
  const files = folders.get(name) ?? new Map<string, string>()
  folders.set(name, files.set(path.join('/'), cid))
}

/** Offers the folders as they are, a moment later. */
export function foldersChanged(): void {
  clearTimeout(timer)
  timer = setTimeout(() => {
    const peer = servent.value
    if (peer !== undefined) offering = offering.then(() => offerAll(peer))
  }, SETTLE_MS)
}

/** From the folder on that was chosen; nothing for a file that was chosen alone. */
async function pathOf({ handle, folder, path }: ChosenFile): Promise<readonly string[]> {
  if (path !== undefined) return path.split('/')
  if (handle === undefined || folder === undefined) return []
  return [folder.name, ...((await folder.resolve(handle)) ?? [])]
}

/** Never rejects. */
async function offerAll(peer: Servent): Promise<void> {
  folderNote.value = undefined
  const shared = new Set(peer.shares.map(({ cid }) => cid))
  for (const [name, files] of folders) {
    for (const [path, cid] of files) if (!shared.has(cid)) files.delete(path)
    try {
      await offer(peer, name, files)
    } catch (error) {
      console.warn(`"${name}" is not shared as one`, error)
      folderNote.value = `There is no link to all of ${name}: ${sentenceOf(error)}`
    }
  }
}

async function offer(peer: Servent, name: string, files: ReadonlyMap<string, string>): Promise<void> {
  const before = offeredFolders.value.find((folder) => folder.name === name)
  const others = offeredFolders.value.filter((folder) => folder !== before)
  const places = [...files].map(([path, cid]): FolderPlace => ({ path, cid }))
  const folder = places.length === 0 ? undefined : await peer.shareFolder(name, places)
  if (folder?.cid === before?.cid) return
  // Two folders that have the same in them are one.
  if (before !== undefined && !others.some(({ cid }) => cid === before.cid)) peer.unshareFolder(before.cid)
  if (folder === undefined) folders.delete(name)
  const cids = [...new Set(files.values())]
  offeredFolders.value = folder === undefined ? others : [...others, { ...folder, cids }]
}
