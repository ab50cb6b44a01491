import type { Content } from '../types.ts'
import type { FolderProblem } from './folder-listing.ts'

/** What is told of a folder that is watched. Paths are below it. */
export interface WatchListener {
  /** A file is there, and whole. */
  onAdded(path: string, content: Content): void
  /** A file that was told of is another one now: what was given of it before cannot be read any more. */
  onChanged(path: string, content: Content): void
  /** A file that was told of is gone, or cannot be shared any more. */
  onRemoved(path: string): void
  /** Something is not shared, or not watched. Told once for as long as it is so. */
  onProblem(problem: FolderProblem): void
}

export interface FolderWatch {
  /** Tells nothing more. */
  stop(): void
}
