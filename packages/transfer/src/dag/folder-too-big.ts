/** A folder cannot be shared as one. The message is a sentence for a person. */
export class FolderTooBigError extends Error {
  override readonly name = 'FolderTooBigError'
}
