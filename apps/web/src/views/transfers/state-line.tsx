import type { SourceStatus } from '@servent/servent'
import type { Download, DownloadState } from '../../state/download.ts'
import { isOnline } from '../../state/online.ts'
import { formatBytes, formatCount, formatDuration, formatLeft, formatPercent, formatSpeed } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PeerName } from '../../ui/names.tsx'

/** How a download is doing, in short facts or in a sentence. */
export function StateLine({ download }: { download: Download }) {
  const state = download.state.value
  switch (state.phase) {
    case 'waiting':
      return <Waiting state={state} />
    case 'connecting':
      return <span>{state.step}</span>
    case 'checking':
      return <Checking download={download} />
    case 'running':
      return <Running download={download} />
    case 'paused':
      return <Paused download={download} note={state.note} />
    case 'saved':
      return (
        <>
          <span class="verified">
            <Icon name="check" size={16} /> Verified and saved
          </span>
          <span class="number">
            {formatBytes(state.result.size)} in {formatDuration(state.result.durationMs)}
          </span>
          <From sources={contributors(download)} />
          {state.note !== undefined && <span>{state.note}</span>}
        </>
      )
    case 'failed':
      return <span class="problem">{state.problem}</span>
    case 'canceled':
      return <span>Canceled. Nothing was saved.</span>
  }
}

function Waiting({ state }: { state: Extract<DownloadState, { phase: 'waiting' }> }) {
  switch (state.for) {
    case 'turn':
      return <span>Waits for another download to finish</span>
    case 'tab':
      return <span>Another tab of this browser is fetching it. It goes on here when that has ended.</span>
    case 'source':
      return (
        <span>
          {state.problem}{' '}
          {isOnline.value
            ? 'Waiting for a source… It goes on by itself when there is one.'
            : 'This device is offline. It goes on by itself when there is a network again.'}
        </span>
      )
  }
}

function Checking({ download }: { download: Download }) {
  const keptBytes = download.progress.value?.keptBytes ?? 0
  if (keptBytes === 0) return <span>Looking for sources…</span>
  return <span>{formatBytes(keptBytes)} were here already and are verified. Looking for sources of the rest…</span>
}

function Running({ download }: { download: Download }) {
  const progress = download.progress.value
  if (progress === undefined) return null
  const percent = <span class="number">{formatPercent(progress.doneBytes, progress.totalBytes)}</span>
  if (progress.chunksDone === progress.chunksTotal) return <span>All is here. Saving…</span>
  const fetching = progress.sources.filter(({ state }) => state === 'fetching')
  if (fetching.length === 0) {
    return (
      <>
        {percent}
        <span>Waiting for a source…</span>
      </>
    )
  }
  return (
    <>
      {percent}
      <span class="number">{formatSpeed(progress.bytesPerSecond)}</span>
      {progress.leftMs !== undefined && <span class="number">{formatLeft(progress.leftMs)}</span>}
      <From sources={fetching} />
      {!download.isKept.value && progress.chunksTotal > 1 && <span>begins again if the page is closed</span>}
    </>
  )
}

function Paused({ download, note }: { download: Download; note: string | undefined }) {
  const progress = download.progress.value
  return (
    <>
      <span class={note === undefined ? undefined : 'problem'}>{note ?? 'Paused'}</span>
      {progress !== undefined && (
        <span class="number">
          {formatBytes(progress.doneBytes)} of {formatBytes(progress.totalBytes)} are here
        </span>
      )}
    </>
  )
}

/** One source by its name, several by their number. */
function From({ sources }: { sources: readonly SourceStatus[] }) {
  const [first, ...others] = sources
  if (first === undefined) return null
  if (others.length === 0) return <PeerName peer={first.peer} size={16} />
  return (
    <span data-testid="download-from" title={sources.map(({ peer }) => peer.name).join(', ')}>
      from {formatCount(sources.length, 'source')}
    </span>
  )
}

function contributors(download: Download): readonly SourceStatus[] {
  return download.progress.value?.sources.filter(({ verifiedBytes }) => verifiedBytes > 0) ?? []
}

/** What is read aloud: each change once, not each percent. */
export function spokenState(name: string, state: DownloadState): string {
  switch (state.phase) {
    case 'waiting':
      return state.for === 'source' ? `${name} waits for a source.` : ''
    case 'running':
    case 'checking':
      return ''
    case 'connecting':
      return state.step
    case 'paused':
      return `${name} is paused. ${state.note ?? ''}`
    case 'saved':
      return `${name} is verified and saved.`
    case 'failed':
      return `${name}: ${state.problem}`
    case 'canceled':
      return `${name} is canceled.`
  }
}
