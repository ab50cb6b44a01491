import { signal } from '@preact/signals'
import {
  FolderError,
  type FolderListing,
  type Hit,
  type LinkTarget,
  type OverlayProgress,
  parseLink,
  type SearchProgress,
  type Servent,
} from '@servent/servent'
import { isMet } from './overlays.ts'
import { whenReady, whenSomeoneToAsk } from './peer.ts'
import { sentenceOf } from './problems.ts'
import { startDownload } from './transfers.ts'

/** The file, or the folder, that the page's address names, and who is known to have it so far. */
export interface OpenedLink {
  readonly target: LinkTarget
  readonly phase: 'looking' | 'looked'
  readonly found: Hit | undefined
  /** What is in it, once it has turned out to be a folder. */
  readonly folder: FolderListing | undefined
  /** How each overlay is doing with the look-up. */
  readonly overlays: readonly OverlayProgress[]
  /** Get was pressed before a source was known: fetch from the first. */
  readonly isWanted: boolean
  readonly problem: string | undefined
}

export const openedLink = signal<OpenedLink | undefined>(undefined)

/** Set when the page was opened by a link that names nothing. */
export const brokenLink = signal(false)

/** A source may be a tab that is only just joining, as after a restart. */
const SOMEONE_WAIT_MS = 10_000
const FIND_WAIT_MS = 8_000

let looking: AbortController | undefined

/** Follows the fragment of the page's address. */
export function followAddress(): () => void {
  const open = () => {
    const target = parseLink(location.hash)
    brokenLink.value = target === undefined && location.hash.startsWith('#/')
    looking?.abort()
    openedLink.value = undefined
    if (target !== undefined) openLink(target)
  }
  window.addEventListener('hashchange', open)
  open()
  return () => window.removeEventListener('hashchange', open)
}

/** Opens a link that was typed or pasted as text; false when the text is none. */
export function openLinkText(text: string): boolean {
  const at = text.indexOf('#/get/')
  if (at === -1 || parseLink(text) === undefined) return false
  const fragment = text.slice(at).trim()
  // The same address again is no change that the browser would tell of, and yet somebody wants it looked for again.
  if (location.hash === fragment) void lookForSources()
  else location.hash = fragment
  return true
}

function openLink(target: LinkTarget): void {
  openedLink.value = {
    target,
    phase: 'looking',
    found: undefined,
    folder: undefined,
    overlays: [],
    isWanted: false,
    problem: undefined,
  }
  void lookForSources()
}

/** Asks who has the file. */
export async function lookForSources(): Promise<void> {
  looking?.abort()
  const controller = new AbortController()
  looking = controller
  const { signal: aborted } = controller
  const target = openedLink.value?.target
  if (target === undefined) return
  const update = (change: Partial<OpenedLink>) => {
    if (!aborted.aborted && openedLink.value !== undefined) openedLink.value = { ...openedLink.value, ...change }
  }
  update({ phase: 'looking', problem: undefined })
  try {
    const servent = await whenReady()
    await whenSomeoneToAsk(servent.searchOverlays, SOMEONE_WAIT_MS, aborted)
    const folder = await folderOf(servent, target, aborted)
    if (folder !== undefined) return update({ folder, phase: 'looked' })
    const onProgress = ({ overlays }: SearchProgress) =>
      update({ overlays: overlays.filter(({ overlay }) => isMet(overlay)) })
    for await (const hit of servent.find(target, { signal: aborted, waitMs: FIND_WAIT_MS, onProgress })) {
      update({ found: hit })
      if (openedLink.value?.isWanted === true) getOpened()
    }
    update({ phase: 'looked' })
  } catch (error) {
    if (!aborted.aborted) console.error('Sources could not be looked for', error)
    update({ phase: 'looked', problem: sentenceOf(error) })
  }
}

/** The folder that a link names; undefined when it names a file, or nobody has such a folder. Links to files say how big they are. */
async function folderOf(
  servent: Servent,
  target: LinkTarget,
  aborted: AbortSignal
): Promise<FolderListing | undefined> {
  if (target.size !== undefined) return undefined
  try {
    return await servent.list(target, { signal: aborted })
  } catch (error) {
    if (error instanceof FolderError && error.reason !== 'unreadable') return undefined
    throw error
  }
}

/** Fetches the opened file, at once or as soon as there is a source. */
export function getOpened(): void {
  const link = openedLink.value
  if (link === undefined) return
  if (link.found === undefined) {
    openedLink.value = { ...link, isWanted: true }
    if (link.phase === 'looked') void lookForSources()
    return
  }
  openedLink.value = { ...link, isWanted: false }
  const { target, found } = link
  startDownload({ ...found, name: target.name, size: target.size ?? found.size })
}

/** Closes the opened file; the address becomes that of the page alone. */
export function closeLink(): void {
  looking?.abort()
  openedLink.value = undefined
  brokenLink.value = false
  history.replaceState(null, '', location.pathname + location.search)
}
