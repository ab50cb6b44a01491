import type { PBLink } from '@ipld/dag-pb'
import { isSupportedCid } from './cids.ts'
import { DIRECTORY_BYTES_MAX, type DirectoryEntry, ENTRIES_MAX, isEntryName } from './directory.ts'
import { RAW_CODE } from './shape.ts'
import { TreeError } from './tree-error.ts'
import { decodeNode } from './verify.ts'

/** The types of UnixFS messages that are told apart here. */
const UNIXFS_RAW = 0
const UNIXFS_DIRECTORY = 1
const UNIXFS_FILE = 2
/** A directory whose entries are spread over several blocks. */
const UNIXFS_SHARDED = 5

/** What a dag-pb block is. */
export type UnixfsNode =
  | { readonly type: 'directory'; readonly entries: readonly DirectoryEntry[] }
  /** `size` is in bytes. */
  | { readonly type: 'file'; readonly size: number }

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

/**
 * The type of a UnixFS message, and the size that it tells, 0 if it tells none.
 *
 * @throws TreeError for what is none
 */
function readUnixfs(data: Uint8Array | undefined): { readonly type: number; readonly fileSize: number } {
  let type: number | undefined
  let fileSize = 0
  let at = 0
  const next = (): number => {
    const byte = data?.[at++]
    if (byte === undefined) throw new TreeError('a block is not UnixFS')
    return byte
  }
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = next()
      value += (byte & 127) * factor
      if (!Number.isSafeInteger(value)) throw new TreeError('a size in a block is too big')
      if (byte < 128) return value
    }
  }
  while (data !== undefined && at < data.length) {
    const tag = varint()
    const wireType = tag % 8
    if (wireType === 0) {
      const value = varint()
      if (tag === 0x08) type = value
      else if (tag === 0x18) fileSize = value
    } else if (wireType === 2) at += varint()
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else throw new TreeError('a block is not UnixFS')
  }
  if (type === undefined || at !== data?.length) throw new TreeError('a block is not UnixFS')
  return { type, fileSize }
}
