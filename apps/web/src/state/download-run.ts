import type { DownloadProgress } from '@servent/servent'
import { openSink } from '../peer/saving.ts'
import type { Download, DownloadState } from './download.ts'
import { stateAfter } from './download-failure.ts'
import { whenReady, whenSomeoneToAsk } from './peer.ts'

/** After a reload nobody is connected yet. How long to wait for somebody, in milliseconds: a known source may be reached without. */
const SOMEONE_WAIT_MS = 8_000

/**
 * Fetches a file as far as it goes: one try, of as many as it takes. Gives the state that the download is in then; never rejects. When the
 * signal fires, what is there is kept for the next try.
 */
export async function runDownload(download: Download, signal: AbortSignal): Promise<DownloadState> {
  const update = (state: DownloadState) => {
    if (!signal.aborted) download.state.value = state
  }
  try {
    update({ phase: 'connecting', step: 'Looking for sources…' })
    const servent = await whenReady()
    await whenSomeoneToAsk(servent.searchOverlays, SOMEONE_WAIT_MS, signal)
    const opened = await openSink(download)
    download.isKept.value = opened.isKept
    const result = await servent.download(download.hit.value, opened.sink, {
      signal,
      onStep: (step) => {
        if (download.state.value.phase === 'connecting') update({ phase: 'connecting', step })
      },
      onProgress: (progress) => {
        download.progress.value = progress
        if (isFetching(progress)) update({ phase: 'running' })
        else if (progress.keptBytes > 0) update({ phase: 'checking' })
      },
    })
    const { file, note } = await opened.saved()
    download.file.value = file
    return { phase: 'saved', result, note }
  } catch (error) {
    // What is no known way to fail is told to whoever looks in the console, too.
    if (!signal.aborted) console.warn(`"${download.name}" was not fetched`, error)
    return stateAfter(error)
  }
}

/** Whether any source has begun to send; before that, what is here is looked at. */
function isFetching({ sources }: DownloadProgress): boolean {
  return sources.some(({ state, verifiedBytes }) => state === 'fetching' || verifiedBytes > 0)
}
