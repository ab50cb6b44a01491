import { UnsupportedProtocolError } from '@libp2p/interface'
import { TreeError } from '../dag/tree-error.ts'
import { DownloadError, type DownloadFailure, SinkFailedError, SinkFullError } from '../errors.ts'
import { ResponseError } from '../http/response.ts'

/** A source answered, but not with what was asked for. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number

  constructor(status: number) {
    super(`The source answered with status ${status}`)
    this.status = status
  }
}

/** A source sent too little for too long. */
export class StalledError extends Error {
  override readonly name = 'StalledError'

  constructor() {
    super('The source stopped sending')
  }
}

/** Bytes that came are not those that their CID names. */
export class WrongBytesError extends Error {
  override readonly name = 'WrongBytesError'

  constructor() {
    super('A chunk does not match its hash')
  }
}

/** A stream was refused or lost before a byte of an answer came. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'

  constructor(cause?: Error) {
    super('The source ended the stream before it answered', cause === undefined ? undefined : { cause })
  }
}

/** What a stream fetched is not needed any more: the same bytes came from another source. */
export class CutError extends Error {
  override readonly name = 'CutError'

  constructor() {
    super('Another source was faster')
  }
}

const SENTENCES: Readonly<Record<DownloadFailure, string>> = {
  unreachable: 'The peer that has this file cannot be reached. It may have left.',
  'not-found': 'The peer no longer shares this file.',
  corrupt: 'The peer sent something that is not this file. What it sent was thrown away.',
  stalled: 'The peer stopped sending.',
  busy: 'The peer is busy with other downloads. Try again later.',
  refused: 'The peer does not serve this file to us.',
  'sink-full': 'There is not enough space to save this file.',
  'sink-failed': 'The file cannot be saved.',
  aborted: 'The download was canceled.',
}

/** The error for a reason, with its sentence. */
export function failure(reason: DownloadFailure, cause?: unknown): DownloadError {
  return new DownloadError(SENTENCES[reason], { reason, cause })
}

/** What a failed attempt at a source means. */
export function sourceFailure(error: unknown): DownloadError {
  return error instanceof DownloadError ? error : failure(reasonOf(error), error)
}

/** Whether a fresh stream to the same source would get the same answer. */
export function isFinal(error: unknown): boolean {
  return error instanceof StatusError || error instanceof UnsupportedProtocolError
}

/** What a failed write means. */
export function sinkFailure(error: unknown): DownloadError {
  if (error instanceof SinkFullError) return failure('sink-full', error)
  const sentence = error instanceof SinkFailedError ? error.message : SENTENCES['sink-failed']
  return new DownloadError(sentence, { reason: 'sink-failed', cause: error })
}

function reasonOf(error: unknown): DownloadFailure {
  if (error instanceof TreeError || error instanceof ResponseError || error instanceof WrongBytesError) return 'corrupt'
  if (error instanceof StalledError) return 'stalled'
  if (error instanceof NoAnswerError) return 'busy'
  if (error instanceof UnsupportedProtocolError) return 'refused'
  if (error instanceof StatusError) return reasonOfStatus(error.status)
  return 'unreachable'
}

function reasonOfStatus(status: number): DownloadFailure {
  if (status === 404 || status === 410) return 'not-found'
  if (status === 429 || status === 503) return 'busy'
  // Success, but not the one that was asked for: a range ignored, nothing sent.
  return status < 400 ? 'corrupt' : 'refused'
}
