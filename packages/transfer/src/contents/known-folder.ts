import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { FileState } from './file-reading.ts'

/** One file of a folder that is watched. */
export interface KnownFile {
  state: FileState
  /** Since when it is so, by `performance.now()`. */
  sinceMs: number
  /** `new`: not told of yet. `told`: told of as it is. `changed`: told of as it was. `refused`: it could not be read. */
  phase: 'new' | 'told' | 'changed' | 'refused'
}

/** One folder of those that are watched. */
export class KnownFolder {
  ino: number
  readonly files = new Map<string, KnownFile>()
  readonly folders = new Set<string>()
  /** What was told, by path. */
  readonly problems = new Map<string, string>()
  watcher: FSWatcher | undefined
  hasToldUnwatched = false

  constructor(ino: number) {
    this.ino = ino
  }
}

/** The folder that a path is in. */
export function parentOf(path: string): string {
  const parent = dirname(path)
  return parent === '.' ? '' : parent
}

/** When a file was changed, by the clock of `performance.now()`; now, if that is still to come. */
export function lastChange({ mtimeMs }: FileState): number {
  return performance.now() - Math.max(0, Date.now() - mtimeMs)
}
