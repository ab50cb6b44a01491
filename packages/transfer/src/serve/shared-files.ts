import { base32upper } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'
import { type Availability, hasChunk, rangesOf } from '../dag/availability.ts'
import { isSupportedCid, leafCid } from '../dag/cids.ts'
import type { FolderTree } from '../dag/folder.ts'
import { CHUNK_BYTES, RAW_CODE, spanBytes } from '../dag/shape.ts'
import { digestAt } from '../dag/tree.ts'
import type { ByteRange } from '../http/range.ts'
import type { Identity } from '../identify.ts'
import type { Content } from '../types.ts'
import { LeafIndex } from './leaf-index.ts'
import type { PartialFile, PartialServing } from './partial-file.ts'
import { SharedFolders } from './shared-folders.ts'

/** What a file is called by its bytes. Of a file of which only part is here the SHA-1 is not known. */
export type KnownIdentity = Omit<Identity, 'sha1'> & { readonly sha1: Uint8Array | undefined }

/** One file that is served, and where its bytes are. */
export interface SharedFile {
  readonly identity: KnownIdentity
  readonly content: Content
  /** Which chunks are here; undefined: all. */
  readonly available?: Availability | undefined
}

/** Bytes that a CID or a SHA-1 names. */
export interface Resource {
  /** What the answer is cached and compared by. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
  /** The file that the bytes are from; for a block above the leaves, whose bytes are no part of it, too. None for a directory, and for bytes that stand in the CID. */
  readonly file: SharedFile | undefined
  /** Whether these are bytes of the file itself: to ask for the blocks above the leaves is not yet to fetch it. */
  readonly isContent: boolean
  /** The bytes of it that are here; undefined: all. */
  readonly available: readonly ByteRange[] | undefined
  /** The bytes from `start` up to `end`. Rejects with `ContentUnreadableError`. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** The files that are served, found by CID, by the CID of any of their blocks, or by SHA-1. */
export class SharedFiles {
  readonly #byCid = new Map<string, SharedFile>()
  readonly #bySha1 = new Map<string, SharedFile>()
  /** Files by the CIDs of their blocks above the leaves: equal parts of files have equal blocks. */
  readonly #byNode = new Map<string, Set<SharedFile>>()
  readonly #leaves = new LeafIndex<SharedFile>()
  readonly #folders = new SharedFolders()
  readonly #listeners = new Set<(cid: CID | undefined) => void>()

  /** Serves a file. The same content again replaces where its bytes are read from. */
  add(identity: Identity, content: Content): void {
    this.#put({ identity, content })
  }

  /** Serves what there is of a file, unless all of it is served. */
  addPartial(partial: PartialFile): PartialServing {
    const { name, cid, size, leaves, blocks, available, read } = partial
    const identity = { cid, size, leaves, blocks, sha1: undefined }
    let file: SharedFile = { identity, content: { name, size, read }, available }
    const isServed = () => this.#byCid.get(cid.toString()) === file
    if (!this.has(cid)) this.#put(file)
    return {
      onChunk: (index) => this.tellReadable(leafCid(digestAt(leaves, index))),
      pause: () => {
        if (!isServed()) return
        file = { ...file, available: new Uint8Array(available.length) }
        this.#put(file)
      },
      end: () => {
        if (isServed()) this.delete(cid)
      },
    }
  }

  /** Serves it no more. Answers under way end at their next read. */
  delete(cid: CID): boolean {
    const file = this.#byCid.get(cid.toString())
    if (file === undefined) return false
    const { sha1, blocks } = file.identity
    this.#byCid.delete(cid.toString())
    if (sha1 !== undefined) this.#bySha1.delete(sha1Text(sha1))
    for (const node of blocks.keys()) {
      const files = this.#byNode.get(node)
      files?.delete(file)
      if (files?.size === 0) this.#byNode.delete(node)
    }
    this.#leaves.delete(file)
    return true
  }

  /**
   * Serves the directories of a folder.
   *
   * @throws FolderTooBigError when there is no more room for them
   */
  addFolder(folder: FolderTree): void {
    this.#folders.add(folder)
    this.tellReadable(undefined)
  }

  /** Serves its directories no more, and its files as before. */
  deleteFolder(cid: CID): boolean {
    return this.#folders.delete(cid)
  }

  has(cid: CID): boolean {
    return this.#byCid.has(cid.toString())
  }

  /** Has a function called when a block can be read that could not before; without a CID, any may be. Gives what ends that. */
  subscribe(listener: (cid: CID | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A block has become readable, or undefined: any may have. */
  tellReadable(cid: CID | undefined): void {
    for (const listener of this.#listeners) listener(cid)
  }

  /** The file with this CID: the file's own bytes. Undefined for anything else. */
  file(cid: CID): Resource | undefined {
    const file = this.#byCid.get(normalize(cid))
    return file === undefined ? undefined : this.#whole(file)
  }

  /** The block with this CID: a node above the leaves of a file, a leaf, or a directory. */
  block(cid: CID): Resource | undefined {
    if (!isSupportedCid(cid)) return undefined
    return cid.code === RAW_CODE ? this.#leaf(cid) : this.#node(cid)
  }

  /** The file with this SHA-1, in Base32 as `urn:sha1:` has it; upper or lower case. */
  bySha1(base32: string): Resource | undefined {
    const file = this.#bySha1.get(base32.toUpperCase())
    return file === undefined ? undefined : this.#whole(file)
  }

  #put(file: SharedFile): void {
    const { cid, sha1, blocks, leaves } = file.identity
    this.delete(cid)
    this.#byCid.set(cid.toString(), file)
    if (sha1 !== undefined) this.#bySha1.set(sha1Text(sha1), file)
    for (const node of blocks.keys()) {
      const files = this.#byNode.get(node) ?? new Set()
      this.#byNode.set(node, files.add(file))
    }
    this.#leaves.add(file, leaves)
    this.tellReadable(undefined)
  }

  #node(cid: CID): Resource | undefined {
    const text = normalize(cid)
    const [file] = this.#byNode.get(text) ?? []
    const block = file?.identity.blocks.get(text) ?? this.#folders.block(text)
    if (block === undefined) return undefined
    const read = async (start: number, end: number) => block.subarray(start, end)
    return { etag: text, size: block.length, file, isContent: false, available: undefined, read }
  }

  #leaf(cid: CID): Resource | undefined {
    const { digest } = cid.multihash
    for (const { file, index } of this.#leaves.find(digest)) {
      if (!hasChunk(file.available, index)) continue
      return this.#part(file, leafCid(digest).toString(), index * CHUNK_BYTES, spanBytes(file.identity.size, 0, index))
    }
    return undefined
  }

  #whole(file: SharedFile): Resource {
    const { cid, size } = file.identity
    const ranges = file.available && rangesOf(file.available, size)
    const isWhole = ranges?.[0]?.start === 0 && ranges[0].end === size
    return { ...this.#part(file, cid.toString(), 0, size), available: isWhole ? undefined : ranges }
  }

  #part(file: SharedFile, etag: string, offset: number, size: number): Resource {
    const available = undefined
    return {
      etag,
      size,
      file,
      isContent: true,
      available,
      read: (start, end) => file.content.read(offset + start, offset + end),
    }
  }
}

/** A SHA-1 as `urn:sha1:` spells it: 32 characters of Base32. */
export function sha1Text(sha1: Uint8Array): string {
  return base32upper.baseEncode(sha1)
}

/** Version 0 and other bases are other spellings of the same name. */
function normalize(cid: CID): string {
  return cid.toV1().toString()
}
