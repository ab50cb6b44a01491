/** A hash that is fed piece by piece. */
export interface IncrementalHash {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}
