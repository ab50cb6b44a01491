import { ReasonedError } from '@servent/transfer'

/** Why a folder could not be listed. */
export type FolderFailure =
  /** The link names a file. */
  | 'not-a-folder'
  /** Nobody who can be reached has it. */
  | 'not-found'
  /** It is no folder that can be read here: too big, split, or malformed. */
  | 'unreadable'

/** A folder could not be listed. `message` is a sentence for a person, `reason` is to act on. */
export class FolderError extends ReasonedError<FolderFailure> {
  override readonly name = 'FolderError'
}
