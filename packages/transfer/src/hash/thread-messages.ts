import type { FileState } from '../contents/file-reading.ts'

/** What a thread is told to hash, one file at a time. */
export interface ThreadRequest {
  readonly path: string
  /** What people call it, for errors. */
  readonly name: string
  /** The file must be so before it is read, and still when it has been. */
  readonly state: FileState
}

/** What it says: how far it has come, and then how it ended. */
export type ThreadResponse =
  | { readonly type: 'bytes'; readonly bytes: number }
  | ({ readonly type: 'hashes' } & FileHashes)
  /** A sentence for a person. */
  | { readonly type: 'unreadable'; readonly problem: string }

export interface FileHashes {
  /** The SHA-256 of each chunk, one after the other, 32 bytes each. */
  readonly leaves: Uint8Array<ArrayBuffer>
  /** 20 bytes, of all of the file. */
  readonly sha1: Uint8Array<ArrayBuffer>
}
