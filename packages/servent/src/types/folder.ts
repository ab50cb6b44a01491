import type { AbortOptions } from '@libp2p/interface'
import type { Wanted } from './transfer.ts'

/** A folder that is shared as one: whoever has its CID can list and fetch all its files. */
export interface SharedFolder {
  /** CID of a UnixFS directory, as text. */
  readonly cid: string
  readonly name: string
  /** Bytes of all its files. */
  readonly size: number
  readonly fileCount: number
}

/** A file that is shared, and its place in a folder. */
export interface FolderPlace {
  /** Below the folder, its parts separated by `/`. */
  readonly path: string
  /** CID as text. */
  readonly cid: string
}

/** A file that a folder names, ready to be downloaded. Names are whatever whoever made the folder chose: only to be shown as text. */
export interface ListedFile extends Wanted {
  /** Below the folder, its parts separated by `/`. Not safe as a path: see `fileSinkIn`. */
  readonly path: string
}

/** What is in a folder that a link names. */
export interface FolderListing {
  /** CID as text. */
  readonly cid: string
  /** As the link has it. */
  readonly name: string
  /** Bytes of all files. */
  readonly size: number
  /** Those of the folders in it, too. */
  readonly files: readonly ListedFile[]
}

export interface ListOptions extends AbortOptions {
  /** Told in words what is going on: "Connecting to Amber Otter…". */
  onStep?: (step: string) => void
  /** How long to look for others who have it than those that are connected, in milliseconds. Default 5 000. */
  waitMs?: number
}
