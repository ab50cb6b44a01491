import { computed, effect, signal } from '@preact/signals'
import type { Wanted } from '@servent/servent'
import { isReload, RELOAD_WAIT_MS } from '../peer/identity.ts'
import {
  forgetDownload,
  keepDownload,
  type OwnOptions,
  ownDownload,
  readKeptDownload,
  readKeptDownloads,
} from '../peer/kept-downloads.ts'
import { type ChosenPlace, discardDownload, releasePlace } from '../peer/saving.ts'
import { type Download, type DownloadState, isActive, isBusy, isOver, keptOf, newDownload } from './download.ts'
import { runDownload } from './download-run.ts'
import { watchForSources } from './source-watch.ts'

/** Downloads that run at once: more would only take each other's bandwidth, and streams of the peers they come from. */
const RUNNING_MAX = 3
/** Downloads in the list; the oldest that are over make room for others. */
export const LISTED_MAX = 100
/** How long another tab that is being reloaded may take to have its downloads back, in milliseconds. */
const OTHERS_RELOAD_MS = 3_000

/** Newest first. */
export const downloads = signal<readonly Download[]>([])

/** Whether the last file that was wanted was not taken, because so many are unfinished. */
export const isListFull = signal(false)

/** How often what was kept of a download has been removed. */
export const removedCount = signal(0)

/** Whether closing the tab now would lose bytes that were fetched. */
export const isDownloading = computed(() =>
  downloads.value.some(({ state, isKept }) => isBusy(state.value.phase) && !isKept.value)
)

/** Cuts off what is under way for a download: a run, or waiting for another tab. */
const controllers = new Map<Download, AbortController>()
/** Lets other tabs have a download that is this tab's own. */
const owned = new Map<Download, () => void>()

/** The newest download of a content. */
export function downloadOf(cid: string): Download | undefined {
  return downloads.value.find((download) => download.cid === cid)
}

/** Fetches a file and saves it. The same content is not fetched twice at once: what waits or rests goes on instead. */
export function startDownload(hit: Wanted, place?: ChosenPlace): void {
  const known = downloadOf(hit.cid)
  if (known !== undefined && !isOver(known.state.value)) {
    known.hit.value = hit
    return resumeDownload(known)
  }
  isListFull.value = downloads.value.filter(({ state }) => !isOver(state.value)).length >= LISTED_MAX
  if (isListFull.value) return
  list(newDownload({ hit, place, isPaused: false, addedAtMs: Date.now() }), known)
  startWaiting()
}

/** Stops a download for now; what is there stays. */
export function pauseDownload(download: Download): void {
  if (!isActive(download.state.value)) return
  download.state.value = { phase: 'paused', note: undefined }
  controllers.get(download)?.abort()
  void keep(download)
  startWaiting()
}

/** Goes on with a download that was paused, that failed, or that waits for a source. */
export function resumeDownload(download: Download): void {
  const { state } = download
  if (isBusy(state.value.phase) || (state.value.phase === 'waiting' && state.value.for === 'tab')) return
  state.value = { phase: 'waiting', for: 'turn' }
  startWaiting()
}

/** Gives a download up and removes what is there of it. */
export function cancelDownload(download: Download): void {
  if (isOver(download.state.value)) return
  download.state.value = { phase: 'canceled' }
  const controller = controllers.get(download)
  controller?.abort()
  // A run ends by itself now, and then cleans up.
  if (controller === undefined) void letGo(download)
  startWaiting()
}

/** Fetches anew what was canceled. */
export function startAgain(download: Download): void {
  startDownload(download.hit.value, download.place)
}

/** Takes a download that is over, or has failed, off the list. */
export function dismissDownload(download: Download): void {
  if (isActive(download.state.value)) return
  if (!isOver(download.state.value)) cancelDownload(download)
  downloads.value = downloads.value.filter((other) => other !== download)
}

/**
 * Goes on with the downloads of tabs that are gone, this one's before a reload among them: now, and whenever a person comes back to this tab.
 * Those of open tabs stay theirs.
 */
export function adoptDownloads(): () => void {
  // The page before a reload lets go only when it has been torn down.
  void adoptAll(() => (isReload() ? { signal: AbortSignal.timeout(RELOAD_WAIT_MS) } : { ifAvailable: true }))
  let timer: ReturnType<typeof setTimeout> | undefined
  const onVisible = () => {
    clearTimeout(timer)
    if (document.visibilityState === 'hidden') return
    timer = setTimeout(() => void adoptAll(() => ({ ifAvailable: true })), OTHERS_RELOAD_MS)
  }
  document.addEventListener('visibilitychange', onVisible)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  }
}

async function adoptAll(options: () => OwnOptions): Promise<void> {
  try {
    await Promise.all((await readKeptDownloads()).map(({ cid }) => adopt(cid, options())))
    startWaiting()
  } catch (error) {
    console.warn('Unfinished downloads could not be gone on with', error)
  }
}

/** Goes on by itself with what waits for a source, as long as the page is open. */
export function keepLooking(): () => void {
  const isAnyWaiting = computed(() => downloads.value.some(({ state }) => isWaitingForSource(state.value)))
  return effect(() => {
    if (!isAnyWaiting.value) return
    return watchForSources(() => {
      for (const download of downloads.peek()) if (isWaitingForSource(download.state.peek())) resumeDownload(download)
    })
  })
}

function isWaitingForSource(state: DownloadState): boolean {
  return state.phase === 'waiting' && state.for === 'source'
}

function startWaiting(): void {
  const running = downloads.value.filter(({ state }) => isBusy(state.value.phase)).length
  const next = downloads.value.filter(
    // One that was paused and is wanted again waits until its run before has ended.
    (download) => isWaitingForTurn(download.state.value) && !controllers.has(download)
  )
  for (const download of next.reverse().slice(0, Math.max(0, RUNNING_MAX - running))) void start(download)
}

function isWaitingForTurn(state: DownloadState): boolean {
  return state.phase === 'waiting' && state.for === 'turn'
}

async function start(download: Download): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  controllers.set(download, controller)
  download.state.value = { phase: 'connecting', step: 'Looking for sources…' }
  try {
    if (!owned.has(download)) await takeFromOthers(download, signal)
    if (signal.aborted) return
    await keep(download)
    const end = await runDownload(download, signal)
    // What came in the moment that it was stopped is there all the same.
    if (!signal.aborted || end.phase === 'saved') download.state.value = end
  } catch (error) {
    // IndexedDB, or the locks: the download itself tells how it went by its state.
    console.error(`"${download.name}" could not be started`, error)
    if (!signal.aborted)
      download.state.value = { phase: 'failed', problem: 'The browser refused to keep this download.' }
  } finally {
    controllers.delete(download)
    await (isOver(download.state.value) ? letGo(download) : keep(download))
    startWaiting()
  }
}

/** Makes a download this tab's own, however long another tab has it. */
async function takeFromOthers(download: Download, signal: AbortSignal): Promise<void> {
  let release = await ownDownload(download.cid, { ifAvailable: true })
  if (release === undefined) {
    if (!signal.aborted) download.state.value = { phase: 'waiting', for: 'tab' }
    startWaiting()
    release = await ownDownload(download.cid, { signal })
  }
  if (release === undefined) return
  owned.set(download, release)
  if (!signal.aborted) download.state.value = { phase: 'connecting', step: 'Looking for sources…' }
}

async function adopt(cid: string, options: OwnOptions): Promise<void> {
  if (downloadOf(cid) !== undefined) return
  const release = await ownDownload(cid, options)
  if (release === undefined) return
  // Read once more: whoever had it may have finished it just now, or it was begun here meanwhile.
  const kept = await readKeptDownload(cid)
  if (kept === undefined || downloadOf(cid) !== undefined) return release()
  const download = newDownload(kept)
  owned.set(download, release)
  list(download)
}

/** The download is over: what is kept of it goes, and another tab may begin again. */
async function letGo(download: Download): Promise<void> {
  const release = owned.get(download)
  if (release === undefined) return
  owned.delete(download)
  try {
    await forgetDownload(download.cid)
    if (download.state.value.phase === 'canceled') await discardDownload(download.cid)
    else releasePlace(download.cid)
  } catch (error) {
    console.warn(`What is kept of "${download.name}" could not be removed`, error)
  } finally {
    release()
    removedCount.value++
  }
}

async function keep(download: Download): Promise<void> {
  if (!owned.has(download) || isOver(download.state.value)) return
  try {
    await keepDownload(keptOf(download))
  } catch (error) {
    // It goes on all the same: only a reload would forget it.
    console.warn(`"${download.name}" cannot be kept over a reload`, error)
  }
}

function list(download: Download, instead?: Download): void {
  const others = downloads.value.filter((other) => other !== instead)
  const oldest = others.length < LISTED_MAX ? undefined : others.findLast(({ state }) => isOver(state.value))
  downloads.value = [download, ...others.filter((other) => other !== oldest)].sort((a, b) => b.addedAtMs - a.addedAtMs)
}
