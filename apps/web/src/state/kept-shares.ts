import { signal } from '@preact/signals'
import type { ChosenFile } from '../peer/files.ts'
import type { KeptShare, KeptSource } from '../peer/kept-shares.ts'

/** Why a file that was shared before is not shared now. */
export type WaitingReason =
  /** The browser wants to hear from the person that it may be read. */
  | 'permission'
  /** It is another file now. */
  | 'changed'
  /** It is not where it was, or cannot be read. */
  | 'gone'
  /** This browser gives no way back to it: it must be chosen again. */
  | 'lost'

/** A file that was shared before, and is not shared now. */
export interface WaitingShare {
  readonly share: KeptShare
  readonly why: WaitingReason
}

export const waitingShares = signal<readonly WaitingShare[]>([])

/** How each share is found again on the next visit, by CID; nothing where the browser keeps nothing. */
export const keptSources = signal<ReadonlyMap<string, KeptSource['kind']>>(new Map())

/** Shares whose copy is being made, by CID. */
export const copying = signal<ReadonlySet<string>>(new Set())

/** Set when a copy could not be made, or a file could not be read again: a sentence. */
export const keepingNote = signal<string | undefined>(undefined)

/** Shares a file that was found again. */
export type Reshare = (chosen: ChosenFile, kept: KeptShare) => Promise<void>

/** What is known of a file that was chosen. */
export interface Known {
  readonly known?: Uint8Array
  readonly isGuess?: boolean
}
