import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import type { Content } from '../types.ts'
import { type FileContentOptions, fileContent } from './file-content.ts'
import { type FileState, isSameState, stateOf } from './file-reading.ts'
import {
  FILES_MAX,
  type FolderListing,
  type FolderProblem,
  isMissing,
  listFolder,
  rootOf,
  sentenceOf,
} from './folder-listing.ts'
import { type KnownFile, KnownFolder, lastChange, parentOf } from './known-folder.ts'
import type { FolderWatch, WatchListener } from './watch-listener.ts'

/** Ours: how long after a change it is looked at, in milliseconds, so that many changes are one look. */
const LOOK_MS = 250

/** Ours: a file is whole when it has not changed for so long, in milliseconds: who copies it writes more often. */
const STABLE_MS = 600

/** Ours: files that are opened at once, to see whether they can be read. */
const AT_ONCE = 32

/** Ours: files that have just been written are waited for this many looks at the start: a second. */
const FIRST_LOOKS = 4

/** Ours: everything is looked at this often, in milliseconds: network disks tell of no change. */
const RESCAN_MS = 60_000

/**
 * Watches a folder and all folders in it: tells what is there, and from then on, within two seconds, what is added, changed and
 * removed. A file that is still being written waits until it is whole. What is shared and what is not is as in `folderContents`.
 *
 * Resolves when all that is there has been told, but for files that are just being written.
 *
 * Why not `chokidar`, nor Node's own recursive watching: both watch each file by itself on Linux, where the system allows few
 * watches. A watch on a folder tells of its files too; here it says no more than where to look again.
 *
 * @throws ContentUnreadableError when the folder cannot be read
 */
export async function watchFolder(
  folder: string,
  listener: WatchListener,
  options: FileContentOptions = {}
): Promise<FolderWatch> {
  const watching = new Watching(await rootOf(folder), listener, options)
  await watching.start()
  return watching
}

class Watching implements FolderWatch {
  readonly #root: string
  readonly #listener: WatchListener
  readonly #options: FileContentOptions
  readonly #folders = new Map([['', new KnownFolder(0)]])
  /** Where something has happened. */
  #dirty = new Set<string>([''])
  /** Files that have to be told of, when they are whole. */
  readonly #pending = new Set<string>()
  #fileCount = 0
  #hasToldFull = false
  #timer: NodeJS.Timeout | undefined
  #rescanTimer: NodeJS.Timeout | undefined
  #isLooking = false
  /** Resolves when the next turn is over. */
  #turned = Promise.withResolvers<void>()
  #isStopped = false

  constructor(root: string, listener: WatchListener, options: FileContentOptions) {
    this.#root = root
    this.#listener = listener
    this.#options = options
  }

  async start(): Promise<void> {
    try {
      await listFolder(this.#root, '')
    } catch (error) {
      throw new ContentUnreadableError(`${this.#root} cannot be read`, { cause: error })
    }
    await this.#turn()
    for (let looks = 0; looks < FIRST_LOOKS && this.#pending.size > 0; looks++) await this.#turned.promise
    this.#rescanTimer = setInterval(() => this.#lookEverywhere(), RESCAN_MS)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearInterval(this.#rescanTimer)
    for (const { watcher } of this.#folders.values()) watcher?.close()
    this.#folders.clear()
  }

  #lookEverywhere(): void {
    for (const path of this.#folders.keys()) this.#dirty.add(path)
    this.#soon()
  }

  #onHint(path: string): void {
    this.#dirty.add(path)
    this.#soon()
  }

  #soon(): void {
    if (this.#isStopped || this.#isLooking || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#turn()
    }, LOOK_MS)
  }

  /** Looks where something has happened, and at the files that wait. One turn after the other. */
  async #turn(): Promise<void> {
    this.#isLooking = true
    const dirty = this.#dirty
    this.#dirty = new Set()
    for (const path of dirty) await this.#look(path)
    const pending = [...this.#pending]
    for (let at = 0; at < pending.length; at += AT_ONCE) {
      const tells = await Promise.all(pending.slice(at, at + AT_ONCE).map((path) => this.#settle(path)))
      for (const tell of tells) tell?.()
    }
    this.#isLooking = false
    this.#turned.resolve()
    this.#turned = Promise.withResolvers()
    if (this.#dirty.size > 0 || this.#pending.size > 0) this.#soon()
  }

  /** Compares one folder with what was known of it. */
  async #look(path: string): Promise<void> {
    const folder = this.#folders.get(path)
    // Without one, it was in another which has gone since.
    if (this.#isStopped || folder === undefined) return
    try {
      if (path === '') await this.#lookAtRoot(folder)
      // Before it is listed: what happens amid that is a hint to look again.
      this.#watch(path, folder)
      await this.#compare(folder, await listFolder(this.#root, path))
    } catch (error) {
      this.#leaveFiles(folder)
      if (path !== '' && isMissing(error)) return this.#onHint(parentOf(path))
      this.#tellProblem(folder, { path, reason: `The folder cannot be read: ${sentenceOf(error)}` })
    }
  }

  async #compare(folder: KnownFolder, { files, folders, problems }: FolderListing): Promise<void> {
    if (this.#isStopped) return
    for (const below of [...folder.files.keys()]) if (!files.has(below)) this.#removeFile(folder, below)
    for (const below of [...folder.folders]) {
      if (folders.get(below) !== this.#folders.get(below)?.ino) this.#leave(folder, below)
    }
    for (const [below, state] of files) this.#meet(folder, below, state)
    const isStill = new Set(problems.map(({ path }) => path))
    for (const below of folder.problems.keys()) {
      if (!isStill.has(below) && !folder.files.has(below)) folder.problems.delete(below)
    }
    for (const problem of problems) this.#tellProblem(folder, problem)
    for (const [below, ino] of folders) {
      if (folder.folders.has(below)) continue
      folder.folders.add(below)
      this.#folders.set(below, new KnownFolder(ino))
      await this.#look(below)
    }
  }

  /** Another folder may have come in the place of the one that was watched. */
  async #lookAtRoot(folder: KnownFolder): Promise<void> {
    const { ino } = await stat(this.#root)
    if (ino === folder.ino) return
    folder.watcher?.close()
    folder.watcher = undefined
    folder.ino = ino
  }

  #watch(path: string, folder: KnownFolder): void {
    if (folder.watcher !== undefined) return
    const refuse = (error: unknown): void => {
      folder.watcher?.close()
      folder.watcher = undefined
      if (this.#isStopped || folder.hasToldUnwatched || isMissing(error)) return
      folder.hasToldUnwatched = true
      const reason = `Changes are noticed only every ${RESCAN_MS / 1000} seconds: ${sentenceOf(error)}`
      this.#listener.onProblem({ path, reason })
    }
    try {
      folder.watcher = watch(join(this.#root, path), () => this.#onHint(path))
      folder.watcher.on('error', refuse)
    } catch (error) {
      refuse(error)
    }
  }

  #leave(parent: KnownFolder, path: string): void {
    parent.folders.delete(path)
    const folder = this.#folders.get(path)
    if (folder === undefined) return
    folder.watcher?.close()
    this.#leaveFiles(folder)
    this.#folders.delete(path)
  }

  #leaveFiles(folder: KnownFolder): void {
    for (const below of [...folder.folders]) this.#leave(folder, below)
    for (const below of [...folder.files.keys()]) this.#removeFile(folder, below)
  }

  #meet(folder: KnownFolder, path: string, state: FileState): void {
    const known = folder.files.get(path)
    if (known === undefined) {
      if (this.#fileCount >= FILES_MAX) return this.#tellFull(path)
      this.#fileCount++
      folder.files.set(path, { state, sinceMs: lastChange(state), phase: 'new' })
    } else if (!isSameState(known.state, state)) {
      Object.assign(known, {
        state,
        sinceMs: performance.now(),
        phase: known.phase === 'told' ? 'changed' : known.phase,
      })
    } else if (known.phase === 'told') {
      return
    }
    this.#pending.add(path)
  }

  /** What there is to tell of a file that waits, if it has become whole. */
  async #settle(path: string): Promise<(() => void) | undefined> {
    const folder = this.#folders.get(parentOf(path))
    const known = folder?.files.get(path)
    if (this.#isStopped || folder === undefined || known === undefined) {
      this.#pending.delete(path)
      return
    }
    try {
      const state = stateOf(await stat(join(this.#root, path)))
      if (!isSameState(state, known.state)) Object.assign(known, { state, sinceMs: performance.now() })
      if (performance.now() - known.sinceMs < STABLE_MS) return
      const content = await fileContent(join(this.#root, path), this.#options)
      this.#pending.delete(path)
      return () => this.#tell(folder, path, known, content)
    } catch (error) {
      this.#pending.delete(path)
      if (isMissing(error)) this.#onHint(parentOf(path))
      else return () => this.#refuse(folder, path, known, error)
    }
  }

  #tell(folder: KnownFolder, path: string, known: KnownFile, content: Content): void {
    if (this.#isStopped || folder.files.get(path) !== known) return
    const isChange = known.phase === 'changed'
    known.phase = 'told'
    folder.problems.delete(path)
    if (isChange) this.#listener.onChanged(path, content)
    else this.#listener.onAdded(path, content)
  }

  #refuse(folder: KnownFolder, path: string, known: KnownFile, error: unknown): void {
    if (known.phase === 'changed') this.#listener.onRemoved(path)
    known.phase = 'refused'
    this.#tellProblem(folder, { path, reason: sentenceOf(error) })
  }

  #removeFile(folder: KnownFolder, path: string): void {
    const known = folder.files.get(path)
    folder.files.delete(path)
    this.#pending.delete(path)
    this.#fileCount--
    if (known?.phase === 'told' || known?.phase === 'changed') this.#listener.onRemoved(path)
  }

  #tellProblem(folder: KnownFolder, problem: FolderProblem): void {
    if (this.#isStopped || folder.problems.get(problem.path) === problem.reason) return
    folder.problems.set(problem.path, problem.reason)
    this.#listener.onProblem(problem)
  }

  #tellFull(path: string): void {
    if (this.#hasToldFull) return
    this.#hasToldFull = true
    this.#listener.onProblem({
      path,
      reason: `Only ${FILES_MAX} files of a folder are shared: this one and others are not.`,
    })
  }
}
