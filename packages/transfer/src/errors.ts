/** A shared file cannot be read: gone, changed since it was hashed, or not permitted. Its bytes are never guessed. */
export class ContentUnreadableError extends Error {
  override readonly name = 'ContentUnreadableError'
}

/** There is no room for what is to be written. */
export class SinkFullError extends Error {
  override readonly name = 'SinkFullError'
}

/** The place to write to cannot be written to: no permission, gone, or broken. The message is a sentence for a person. */
export class SinkFailedError extends Error {
  override readonly name = 'SinkFailedError'
}

/** An error with a `message` that is a sentence for a person, and a `reason` to act on. */
export abstract class ReasonedError<Reason extends string> extends Error {
  readonly reason: Reason

  constructor(message: string, { reason, cause }: ErrorOptions & { readonly reason: Reason }) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}

/** Why a download ended without its file. */
export type DownloadFailure =
  /** No source could be reached, or every connection was lost again and again. */
  | 'unreachable'
  /** The sources no longer share this file. */
  | 'not-found'
  /** A source sent something else than what the CID names, or broke the protocol. Nothing of that was written. */
  | 'corrupt'
  /** The sources stopped sending. */
  | 'stalled'
  /** The sources have no upload slot left. */
  | 'busy'
  /** The sources will not serve this. */
  | 'refused'
  /** The sink has no room. */
  | 'sink-full'
  /** The sink cannot be written to. */
  | 'sink-failed'
  /** The caller's signal fired. */
  | 'aborted'

/** A download that ended early. `message` is a sentence for a person, `reason` is to act on. */
export class DownloadError extends ReasonedError<DownloadFailure> {
  override readonly name = 'DownloadError'
}
