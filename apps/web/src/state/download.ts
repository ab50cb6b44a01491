import { type Signal, signal } from '@preact/signals'
import type { DownloadProgress, DownloadResult, Wanted } from '@servent/servent'
import type { KeptDownload } from '../peer/kept-downloads.ts'
import type { ChosenPlace } from '../peer/saving.ts'

export type DownloadState =
  /** `turn`: other downloads run. `tab`: another tab fetches this content. `source`: nobody within reach has it, for the reason given. */
  | { readonly phase: 'waiting'; readonly for: 'turn' | 'tab' }
  | { readonly phase: 'waiting'; readonly for: 'source'; readonly problem: string }
  /** Before the first byte; the step in words. */
  | { readonly phase: 'connecting'; readonly step: string }
  /** What an earlier run left is verified before it counts. */
  | { readonly phase: 'checking' }
  | { readonly phase: 'running' }
  /** What is there stays. The note says why, when it was not a person who paused it. */
  | { readonly phase: 'paused'; readonly note: string | undefined }
  /** The note says what went otherwise than was wished for. */
  | { readonly phase: 'saved'; readonly result: DownloadResult; readonly note: string | undefined }
  | { readonly phase: 'failed'; readonly problem: string }
  | { readonly phase: 'canceled' }

/** One file that is fetched, was fetched, or could not be. */
export interface Download {
  readonly cid: string
  readonly name: string
  readonly size: number
  /** Undefined: the browser's own folder of downloads. */
  readonly place: ChosenPlace | undefined
  /** Milliseconds since 1970. */
  readonly addedAtMs: number
  /** What was found, and who is said to have it. */
  readonly hit: Signal<Wanted>
  readonly state: Signal<DownloadState>
  /** How far the last run came, also when it is over. */
  readonly progress: Signal<DownloadProgress | undefined>
  /** False: a reload would begin again, for lack of room to keep it. */
  readonly isKept: Signal<boolean>
  /** The finished file, as long as this tab can read it. */
  readonly file: Signal<File | undefined>
}

/** Whether it is not over and goes on by itself. */
export function isActive({ phase }: DownloadState): boolean {
  return isBusy(phase) || phase === 'waiting'
}

/** Whether it holds streams and a place to write to now. */
export function isBusy(phase: DownloadState['phase']): boolean {
  return phase === 'connecting' || phase === 'checking' || phase === 'running'
}

/** Whether it has come to an end that nothing goes on from. */
export function isOver({ phase }: DownloadState): boolean {
  return phase === 'saved' || phase === 'canceled'
}

/** A download as it is begun, or as it was left by a tab that has gone. */
export function newDownload({ hit, place, isPaused, addedAtMs }: Omit<KeptDownload, 'cid'>): Download {
  const { cid, name, size } = hit
  return {
    cid,
    name,
    size,
    place,
    addedAtMs,
    hit: signal(hit),
    state: signal<DownloadState>(isPaused ? { phase: 'paused', note: undefined } : { phase: 'waiting', for: 'turn' }),
    progress: signal(undefined),
    isKept: signal(true),
    file: signal(undefined),
  }
}

/** What outlives the tab. */
export function keptOf({ cid, place, addedAtMs, hit, state }: Download): KeptDownload {
  return { cid, hit: hit.value, place, addedAtMs, isPaused: !isActive(state.value) }
}
