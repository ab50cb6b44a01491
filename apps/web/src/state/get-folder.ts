import { computed, effect } from '@preact/signals'
import type { FolderListing, ListedFile } from '@servent/servent'
import { canPickFolder, pickFolderToFill } from '../peer/file-system-access.ts'
import { isActive, isOver } from './download.ts'
import { downloadOf, downloads, startDownload } from './transfers.ts'

/** Files of folders that wait or run in the list of downloads: the others come when these are there. */
const LISTED_AT_ONCE = 6

interface WaitingFile {
  readonly file: ListedFile
  /** The folder that was chosen, and what the folder of the file is called; undefined: the browser's own downloads. */
  readonly into: { readonly root: FileSystemDirectoryHandle; readonly name: string } | undefined
}

const waiting: WaitingFile[] = []
let isFeeding = false

const activeCount = computed(() => downloads.value.filter(({ state }) => isActive(state.value)).length)
effect(() => {
  if (activeCount.value < LISTED_AT_ONCE) void feed()
})

/** Fetches one file of a folder, among the browser's own downloads: its path becomes its name. */
export function getListed(file: ListedFile): void {
  startDownload({ ...file, name: file.path.replaceAll('/', ' - ') })
}

/** Asks the person where to put a folder, where the browser can, and fetches all its files. Only in answer to a click. */
export async function getAll({ name, files }: FolderListing): Promise<void> {
  const root = canPickFolder() ? await pickFolderToFill() : undefined
  if (root === undefined && canPickFolder()) return
  const into = root && { root, name }
  for (const file of files) if (!waiting.some((other) => other.file === file)) waiting.push({ file, into })
  void feed()
}

/** Takes files into the list of downloads as long as there is room. */
async function feed(): Promise<void> {
  if (isFeeding) return
  isFeeding = true
  try {
    while (activeCount.peek() < LISTED_AT_ONCE) {
      // A content that is fetched already, for another place, is fetched for this one afterwards.
      const at = waiting.findIndex(({ file }) => !isUnfinished(file.cid))
      const [next] = at === -1 ? [] : waiting.splice(at, 1)
      if (next === undefined) break
      await begin(next)
    }
  } finally {
    isFeeding = false
  }
}

function isUnfinished(cid: string): boolean {
  const state = downloadOf(cid)?.state.peek()
  return state !== undefined && !isOver(state)
}

async function begin({ file, into }: WaitingFile): Promise<void> {
  if (into === undefined) return getListed(file)
  try {
    const { placeIn } = await import('../peer/peer.ts')
    const place = await placeIn(into.root, [into.name, ...file.path.split('/')], file)
    if (place !== 'there') startDownload(file, place)
  } catch (error) {
    // The folder has gone, or may not be written to: the file is among the browser's own downloads then.
    console.warn(`"${file.path}" cannot be put into the folder`, error)
    getListed(file)
  }
}
