import type { ListedFile } from '@servent/servent'
import { identify, numberedName, safeFileName } from '@servent/transfer'
import { fileBlobContent } from '@servent/transfer/browser'
import type { ChosenPlace } from './saving.ts'

/** Names that are tried for a file before it is given up. */
const NAMES_MAX = 100

/**
 * A new file at a path below a folder, each part of which is made safe; or that this file is there already. Never one that is something else.
 *
 * @throws DOMException when the folder may not be written to, or has gone
 */
export async function placeIn(
  root: FileSystemDirectoryHandle,
  unsafePath: readonly string[],
  file: Pick<ListedFile, 'cid' | 'size'>
): Promise<ChosenPlace | 'there'> {
  const path = unsafePath.map(safeFileName)
  let folder = root
  for (const part of path.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true })
  for (let number = 1; number <= NAMES_MAX; number++) {
    const name = numberedName(path.at(-1) ?? '', number)
    const there = await fileIn(folder, name)
    if (there === undefined) return folder.getFileHandle(name, { create: true })
    if (there !== 'folder' && (await isThis(there, file))) return 'there'
  }
  throw new Error('There are too many files of this name')
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | 'folder' | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile()
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    if (error.name === 'NotFoundError') return undefined
    if (error.name === 'TypeMismatchError') return 'folder'
    throw error
  }
}

async function isThis(there: File, { cid, size }: Pick<ListedFile, 'cid' | 'size'>): Promise<boolean> {
  return there.size === size && (await identify(fileBlobContent(there))).cid.toString() === cid
}
