import { signal } from '@preact/signals'
import type { SharedFolder } from '@servent/servent'

/** A folder that this tab shares as one. */
export interface OfferedFolder extends SharedFolder {
  /** CIDs of its files. */
  readonly cids: readonly string[]
}

export const offeredFolders = signal<readonly OfferedFolder[]>([])

/** Set when a folder cannot be shared as one. */
export const folderNote = signal<string | undefined>(undefined)
