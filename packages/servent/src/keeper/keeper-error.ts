import { ReasonedError } from '@servent/transfer'

/** Why a keeper does not keep something. */
export type KeeperFailure =
  /** The file is larger than the whole budget. */
  | 'too-large'
  /** The budget is taken by what cannot be given up. */
  | 'no-room'
  /** So much is being fetched that nothing more is begun. */
  | 'too-many'
  /** Another process keeps files in this folder. */
  | 'in-use'
  /** The folder cannot be read or written to. */
  | 'unusable'

/** A keeper cannot do what it was asked. `message` is a sentence for a person. */
export class KeeperError extends ReasonedError<KeeperFailure> {
  override readonly name = 'KeeperError'
}
