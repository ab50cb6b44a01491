import { LINKS_MAX, spanBytes } from './shape.ts'

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
