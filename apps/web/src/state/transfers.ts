import { computed, type Signal, signal } from '@preact/signals'
import type { DownloadResult, Hit, Source, TransferProgress } from '@servent/servent'
import { type ChosenPlace, openSink } from '../peer/saving.ts'
import { nearest } from './hits.ts'
import { whenReady } from './peer.ts'
import { sentenceOf } from './problems.ts'

export type DownloadState =
  | { readonly phase: 'waiting' }
  /** Before the first byte; the step in words. */
  | { readonly phase: 'connecting'; readonly step: string }
  | { readonly phase: 'running'; readonly progress: TransferProgress }
  | { readonly phase: 'saved'; readonly result: DownloadResult }
  | { readonly phase: 'failed'; readonly problem: string }
  | { readonly phase: 'canceled' }

/** One file that is fetched, was fetched, or could not be. */
export interface Download {
  readonly cid: string
  readonly name: string
  readonly size: number
  /** What was found, and who has it. Each new try begins with the next of them. */
  readonly hit: Hit
  /** Undefined: the browser's own folder of downloads. */
  readonly place: ChosenPlace | undefined
  readonly from: Signal<Source>
  readonly state: Signal<DownloadState>
}

/** Downloads that run at once: more would only take each other's bandwidth, and streams of the peers they come from. */
const RUNNING_MAX = 3
/** Downloads in the list; the oldest that are over go first. */
const LISTED_MAX = 100

/** Newest first. */
export const downloads = signal<readonly Download[]>([])

export const isDownloading = computed(() => downloads.value.some((download) => isActive(download.state.value)))

const controllers = new Map<Download, AbortController>()

export function isActive(state: DownloadState): boolean {
  return state.phase === 'waiting' || state.phase === 'connecting' || state.phase === 'running'
}

/** The newest download of a content. */
export function downloadOf(cid: string): Download | undefined {
  return downloads.value.find((download) => download.cid === cid)
}

/** Fetches a file and saves it. The same content is not fetched twice at once. */
export function startDownload(hit: Hit, place?: ChosenPlace): void {
  const known = downloadOf(hit.cid)
  if (known !== undefined && isActive(known.state.value)) return
  const download: Download = {
    cid: hit.cid,
    name: hit.name,
    size: hit.size,
    hit,
    place,
    from: signal(nearest(hit)),
    state: signal<DownloadState>({ phase: 'waiting' }),
  }
  downloads.value = capped([download, ...downloads.value.filter((other) => other !== known)])
  startWaiting()
}

export function cancelDownload(download: Download): void {
  if (!isActive(download.state.value)) return
  download.state.value = { phase: 'canceled' }
  controllers.get(download)?.abort()
  startWaiting()
}

/** Tries again, from the next of its sources. */
export function retryDownload(download: Download): void {
  if (isActive(download.state.value)) return
  download.from.value = nextSource(download)
  download.state.value = { phase: 'waiting' }
  startWaiting()
}

/** The source that another try would take. */
export function nextSource({ hit, from }: Download): Source {
  const at = hit.sources.indexOf(from.value)
  return hit.sources[(at + 1) % hit.sources.length] ?? from.value
}

/** Takes a download that is over off the list. */
export function dismissDownload(download: Download): void {
  if (isActive(download.state.value)) return
  downloads.value = downloads.value.filter((other) => other !== download)
}

function startWaiting(): void {
  // One that was canceled and wanted again waits until its first try has ended.
  const waiting = downloads.value.filter(
    (download) => download.state.value.phase === 'waiting' && !controllers.has(download)
  )
  for (const download of waiting.reverse().slice(0, Math.max(0, RUNNING_MAX - controllers.size))) void run(download)
}

async function run(download: Download): Promise<void> {
  const controller = new AbortController()
  controllers.set(download, controller)
  const update = (state: DownloadState) => {
    if (!controller.signal.aborted) download.state.value = state
  }
  update({ phase: 'connecting', step: `Looking for ${download.from.value.peer.name}…` })
  try {
    const servent = await whenReady()
    const sink = await openSink(download.name, download.size, download.place)
    const result = await servent.download(download.hit, sink, {
      from: download.from.value.peer.id,
      signal: controller.signal,
      onStep: (step) => update({ phase: 'connecting', step }),
      onProgress: (progress) => update({ phase: 'running', progress }),
    })
    update({ phase: 'saved', result })
  } catch (error) {
    // What is no known way to fail is told to whoever looks in the console, too.
    if (!controller.signal.aborted) console.warn(`"${download.name}" was not fetched`, error)
    update({ phase: 'failed', problem: sentenceOf(error) })
  } finally {
    controllers.delete(download)
    startWaiting()
  }
}

function capped(list: readonly Download[]): readonly Download[] {
  if (list.length <= LISTED_MAX) return list
  const oldest = list.findLast((download) => !isActive(download.state.value))
  return oldest === undefined ? list : list.filter((download) => download !== oldest)
}
