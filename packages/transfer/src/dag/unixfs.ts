import { LINKS_MAX, spanBytes } from './shape.ts'
import { TreeError } from './tree-error.ts'

/** The types of UnixFS messages that are told apart here. */
export const UNIXFS_RAW = 0
export const UNIXFS_DIRECTORY = 1
export const UNIXFS_FILE = 2
/** A directory whose entries are spread over several blocks. */
export const UNIXFS_SHARDED = 5

/**
 * The UnixFS message of node `index` of `level` of a file of `size` bytes, which the size alone determines:
 *
 * | field | tag | content |
 * | --- | --- | --- |
 * | Type | 0x08 | 2, a file |
 * | filesize | 0x18 | bytes of the file below this node |
 * | blocksizes | 0x20, repeated | bytes of the file below each link |
 *
 * Written here and not by `ipfs-unixfs`, whose runtime (protons 7.1.2) writes numbers wrong whose lowest 32 bits are
 * 2^31 or more, and so names files of 2 to 4 GiB, 6 to 8 GiB and so on as nobody else does.
 */
export function unixfsData(size: number, level: number, index: number): Uint8Array {
  const bytes: number[] = [0x08, 2, 0x18]
  const span = spanBytes(size, level, index)
  pushVarint(bytes, span)
  for (const childSpan of childSpans(size, level, index)) {
    bytes.push(0x20)
    pushVarint(bytes, childSpan)
  }
  return new Uint8Array(bytes)
}

/** Bytes of the file below each child of node `index` of `level`. */
export function childSpans(size: number, level: number, index: number): number[] {
  const count = Math.ceil(spanBytes(size, level, index) / spanBytes(size, level - 1, 0))
  return Array.from({ length: count }, (_, child) => spanBytes(size, level - 1, index * LINKS_MAX + child))
}

/** Up to 2^53 - 1: by division, for shifts take 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

/**
 * The type of a UnixFS message, and the size that it tells, 0 if it tells none.
 *
 * @throws TreeError for what is none
 */
export function readUnixfs(data: Uint8Array | undefined): { readonly type: number; readonly fileSize: number } {
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
