import { DownloadError, SinkFullError } from '@servent/transfer'
import type { DownloadState } from './download.ts'
import { sentenceOf } from './problems.ts'

const NO_ROOM = 'There is not enough room here for the rest. Free some, then press Resume: what is there stays.'

/** What a failure makes of a download: one of the sources may pass, one of the disk needs a person. */
export function stateAfter(error: unknown): DownloadState {
  if (error instanceof SinkFullError) return { phase: 'paused', note: NO_ROOM }
  if (!(error instanceof DownloadError)) return { phase: 'failed', problem: sentenceOf(error) }
  switch (error.reason) {
    case 'sink-full':
      return { phase: 'paused', note: NO_ROOM }
    case 'sink-failed':
      return { phase: 'failed', problem: error.message }
    case 'aborted':
      return { phase: 'paused', note: undefined }
    default:
      return { phase: 'waiting', for: 'source', problem: error.message }
  }
}
