import type { KeptChunks } from '../types.ts'

/** What the page asks of the worker. `file` names one of the downloads that are open. */
export type OpfsRequest =
  /** Opens the folder of a download; answers `opened`. */
  | { readonly type: 'open'; readonly file: number; readonly cid: string; readonly size: number; readonly name: string }
  /** Writes a chunk if it has this hash, or without one; answers `written`, with the buffer. */
  | {
      readonly type: 'write'
      readonly file: number
      readonly offset: number
      readonly bytes: Uint8Array<ArrayBuffer>
      readonly sha256: Uint8Array | undefined
    }
  | { readonly type: 'read'; readonly file: number; readonly start: number; readonly end: number }
  | { readonly type: 'leaves'; readonly file: number; readonly leaves: Uint8Array }
  /** Lets go of the files. */
  | { readonly type: 'end'; readonly file: number }
  /** A file was whole and has been handed over: it need not be kept beyond this page. */
  | { readonly type: 'over'; readonly cid: string }

/** What the worker answers, each to the request with the same number. */
export type OpfsAnswer =
  | { readonly type: 'opened'; readonly kept: KeptChunks }
  | { readonly type: 'written'; readonly isRight: boolean; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'done' }
  /** A sentence for a person. */
  | { readonly type: 'failed'; readonly isFull: boolean; readonly problem: string }

/** The answer to each type of request, when it does not fail. */
export interface OpfsAnswerTo {
  readonly open: Extract<OpfsAnswer, { type: 'opened' }>
  readonly write: Extract<OpfsAnswer, { type: 'written' }>
  readonly read: Extract<OpfsAnswer, { type: 'bytes' }>
  readonly leaves: Extract<OpfsAnswer, { type: 'done' }>
  readonly end: Extract<OpfsAnswer, { type: 'done' }>
  readonly over: Extract<OpfsAnswer, { type: 'done' }>
}
