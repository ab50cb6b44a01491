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
export class KeeperError extends Error {
  override readonly name = 'KeeperError'
  readonly reason: KeeperFailure

  constructor(message: string, { reason, cause }: ErrorOptions & { readonly reason: KeeperFailure }) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}
