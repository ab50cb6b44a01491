import { encode, type PBLink, prepare } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { isSupportedCid, nodeCid, sha256 } from './cids.ts'
import { RAW_CODE } from './shape.ts'
import { TreeError } from './tree-error.ts'
import { readUnixfs, UNIXFS_DIRECTORY, UNIXFS_FILE, UNIXFS_RAW, UNIXFS_SHARDED } from './unixfs.ts'
import { decodeNode } from './verify.ts'

/** Entries of one directory at most. Ours: more than a person looks through, and they fit into a block. */
export const ENTRIES_MAX = 4096

/** Bytes of the block of a directory at most: what everybody takes (Bitswap specification). */
export const DIRECTORY_BYTES_MAX = 1_048_576

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

/** What a dag-pb block is. */
export type UnixfsNode =
  | { readonly type: 'directory'; readonly entries: readonly DirectoryEntry[] }
  /** `size` is in bytes. */
  | { readonly type: 'file'; readonly size: number }

/** A folder cannot be shared as one. The message is a sentence for a person. */
export class FolderTooBigError extends Error {
  override readonly name = 'FolderTooBigError'
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
  const block = encode(prepare({ Data: Uint8Array.of(0x08, UNIXFS_DIRECTORY), Links }))
  if (block.length > DIRECTORY_BYTES_MAX)
    throw new FolderTooBigError('The names in this folder are too long to be shared as one.')
  const blockBytes = entries.reduce((total, entry) => total + entry.blockBytes, block.length)
  return { cid: nodeCid(await sha256(block)), block, blockBytes }
}

/**
 * What a dag-pb block is: a directory with its entries in the order they stand, or a file. Its hash is the caller's to check.
 *
 * @throws TreeError for anything else, for names that are none, for two that are the same, and for more entries than there may be
 */
export function decodeUnixfsNode(block: Uint8Array): UnixfsNode {
  if (block.length > DIRECTORY_BYTES_MAX) throw new TreeError('a block is over 1 MiB')
  const { Data, Links } = decodeNode(block)
  const { type, fileSize } = readUnixfs(Data)
  if (type === UNIXFS_FILE || type === UNIXFS_RAW) return { type: 'file', size: fileSize }
  if (type === UNIXFS_SHARDED) throw new TreeError('a folder of so many files that its list is split is not read here')
  if (type !== UNIXFS_DIRECTORY) throw new TreeError('what is named is neither a file nor a folder')
  if (Links.length > ENTRIES_MAX) throw new TreeError(`a folder has over ${ENTRIES_MAX} files`)
  const entries = Links.map(entryOf)
  if (new Set(entries.map(({ name }) => name)).size !== entries.length) {
    throw new TreeError('two files of a folder have the same name')
  }
  return { type: 'directory', entries }
}

function entryOf({ Hash, Name = '', Tsize }: PBLink): DirectoryEntry {
  if (!isEntryName(Name)) throw new TreeError('a file of a folder has a name that none can have')
  if (!isSupportedCid(Hash)) throw new TreeError('a file of a folder is not named by SHA-256 over UnixFS')
  if (Tsize !== undefined && !Number.isSafeInteger(Tsize))
    throw new TreeError('a file of a folder has a size that none can have')
  // Of a file of one chunk it is the size, without which it cannot be asked for.
  if (Tsize === undefined && Hash.code === RAW_CODE) throw new TreeError('a folder does not say how big its files are')
  return { name: Name, cid: Hash.toV1(), blockBytes: Tsize ?? 0 }
}

/** Whether something in a folder may have this name. */
function isEntryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
}
