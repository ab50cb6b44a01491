import { encode, prepare } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { nodeCid, sha256 } from './cids.ts'
import { FolderTooBigError } from './folder-too-big.ts'

/** Entries of one directory at most. Ours: more than a person looks through, and they fit into a block. */
export const ENTRIES_MAX = 4096

/** Bytes of the block of a directory at most: what everybody takes (Bitswap specification). */
export const DIRECTORY_BYTES_MAX = 1_048_576

/** The UnixFS message of a directory: type 1, and nothing else. */
const DIRECTORY_DATA = Uint8Array.of(0x08, 1)

/** What a directory names: a file, or another directory. */
export interface DirectoryEntry {
  readonly name: string
  readonly cid: CID
  /** Bytes of its block and all below it, which dag-pb calls Tsize. Of a raw leaf that is the size of the file. */
  readonly blockBytes: number
}

/** A directory as a block, and what names it. */
export interface Directory {
  readonly cid: CID
  readonly block: Uint8Array
  /** Bytes of its block and all below it. */
  readonly blockBytes: number
}

/**
 * The UnixFS directory of these entries, as Helia makes it: sorted by the bytes of their names. Helia splits the entries of one over
 * 256 KiB; here it stays one block.
 *
 * @throws FolderTooBigError; RangeError for a name that none can have, or two that are the same
 */
export async function encodeDirectory(entries: readonly DirectoryEntry[]): Promise<Directory> {
  if (entries.length > ENTRIES_MAX)
    throw new FolderTooBigError(`A folder with over ${ENTRIES_MAX} files cannot be shared as one.`)
  const names = new Set(entries.map(({ name }) => name))
  if (names.size !== entries.length) throw new RangeError('Two entries of a folder have the same name.')
  for (const name of names) if (!isEntryName(name)) throw new RangeError(`Nothing in a folder can be named "${name}".`)
  const Links = entries.map(({ cid, name, blockBytes }) => ({ Hash: cid, Name: name, Tsize: blockBytes }))
  const block = encode(prepare({ Data: DIRECTORY_DATA, Links }))
  if (block.length > DIRECTORY_BYTES_MAX)
    throw new FolderTooBigError('The names in this folder are too long to be shared as one.')
  const blockBytes = entries.reduce((total, entry) => total + entry.blockBytes, block.length)
  return { cid: nodeCid(await sha256(block)), block, blockBytes }
}

/** Whether something in a folder may have this name. */
export function isEntryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
}
