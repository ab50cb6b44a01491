import { formatLink, type Servent } from '@servent/servent'
import type { FolderShare } from '@servent/servent/node'
import { FolderTooBigError } from '@servent/transfer'
import { formatBytes, plural } from './format.ts'
import type { Terminal } from './terminal.ts'

/** Ours: how long after a change of the folder its list is made anew, in milliseconds: changes come together. */
const SETTLE_MS = 1000

/** Ours: lists of a folder as it was that are still given to who has the link to one. */
const LISTS_KEPT = 8

interface FolderLinkParts {
  readonly peer: Servent
  /** What the folder is called. */
  readonly name: string
  readonly shared: FolderShare
  /** URL of the page that links open. */
  readonly page: string
  readonly terminal: Terminal
}

/** The link to a folder that is shared as one: told at first, and again when it has another, for the content has changed. */
export class FolderLink {
  readonly #parts: FolderLinkParts
  /** CIDs of the folder as it is and as it was, oldest first. */
  readonly #lists: string[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #updating: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(parts: FolderLinkParts) {
    this.#parts = parts
  }

  /** Tells the link of the folder as it is, unless that was told last. */
  update(): Promise<void> {
    this.#updating = this.#updating.then(() => this.#update())
    return this.#updating
  }

  /** Something in it is another: the link is told when that is over. */
  changed(): void {
    clearTimeout(this.#timer)
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.update(), SETTLE_MS)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Whatever is in the folder, this does not reject. */
  async #update(): Promise<void> {
    const { peer, name, shared, terminal } = this.#parts
    await shared.idle()
    const { places } = shared
    if (this.#isStopped || places.length === 0) return
    try {
      const { cid, size, fileCount } = await peer.shareFolder(name, places)
      if (cid === this.#lists.at(-1)) return
      this.#keep(cid)
      const link = formatLink(this.#parts.page, { cid, name, size: undefined })
      const about = `${formatBytes(size).padStart(8)}  all of ${name}: ${plural(fileCount, 'file', 'files')}`
      terminal.result(`${about}\n          ${link}`, { event: 'folder', cid, name, size, fileCount, link })
    } catch (error) {
      if (!(error instanceof FolderTooBigError || error instanceof RangeError)) throw error
      terminal.note(`There is no link to all of ${name}: ${error.message}`)
    }
  }

  #keep(cid: string): void {
    const before = this.#lists.indexOf(cid)
    if (before !== -1) this.#lists.splice(before, 1)
    this.#lists.push(cid)
    if (this.#lists.length <= LISTS_KEPT) return
    const oldest = this.#lists.shift()
    if (oldest !== undefined) this.#parts.peer.unshareFolder(oldest)
  }
}
