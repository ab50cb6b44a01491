/** Hashes chunks, away from the thread that a person sees where there is one. */
export interface Hasher {
  /** SHA-256 of bytes, which the caller keeps and may change once this resolves. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>
  /** Begins to hash a file whose chunks come one after the other. */
  file(): Promise<FileHasher>
}

/** Hashes one file: each chunk by itself, and all of it. Calls follow one another. */
export interface FileHasher {
  /** Takes the next chunk and gives its SHA-256. */
  chunk(bytes: Uint8Array): Promise<Uint8Array>
  /** The SHA-1 of all chunks. The last call, unless there is none. */
  sha1(): Promise<Uint8Array>
  /** Ends early. */
  cancel(): void
}
