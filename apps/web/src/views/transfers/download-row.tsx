import {
  cancelDownload,
  type Download,
  type DownloadState,
  dismissDownload,
  isActive,
  nextSource,
  retryDownload,
} from '../../state/transfers.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes, formatDuration, formatLeft, formatPercent, formatSpeed } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'

export function DownloadRow({ download }: { download: Download }) {
  const state = download.state.value
  return (
    <li class={`transfer ${state.phase}`} data-testid="download" data-cid={download.cid}>
      <div class="transfer-head">
        <span class="kind">
          <Icon name={kindOf(download.name)} size={20} />
        </span>
        <FileName name={download.name} testId="download-name" />
        {isActive(state) ? (
          <IconButton
            icon="close"
            label={`Cancel ${download.name}`}
            onClick={() => cancelDownload(download)}
            testId="download-cancel"
          />
        ) : (
          <IconButton
            icon="close"
            label={`Take ${download.name} off the list`}
            onClick={() => dismissDownload(download)}
          />
        )}
      </div>
      <Progress name={download.name} state={state} />
      <p class="facts" data-testid="download-state" data-phase={state.phase}>
        <StateLine download={download} state={state} />
      </p>
      <span class="visually-hidden" role="status">
        {spoken(download.name, state)}
      </span>
      <Remedy download={download} state={state} />
    </li>
  )
}

function Progress({ name, state }: { name: string; state: DownloadState }) {
  if (!isActive(state)) return null
  const label = `Progress of ${name}`
  if (state.phase !== 'running') return <progress aria-label={label} data-testid="download-progress" />
  const { doneBytes, totalBytes } = state.progress
  // An empty file is done before it begins; a bar from 0 to 0 would be no bar.
  return <progress aria-label={label} value={doneBytes} max={Math.max(1, totalBytes)} data-testid="download-progress" />
}

function StateLine({ download, state }: { download: Download; state: DownloadState }) {
  switch (state.phase) {
    case 'waiting':
      return <span>Waits for another download to finish</span>
    case 'connecting':
      return <span>{state.step}</span>
    case 'running': {
      const { doneBytes, totalBytes, bytesPerSecond, leftMs } = state.progress
      return (
        <>
          <span class="number">{formatPercent(doneBytes, totalBytes)}</span>
          <span class="number">{formatSpeed(bytesPerSecond)}</span>
          {leftMs !== undefined && <span class="number">{formatLeft(leftMs)}</span>}
          <PeerName peer={download.from.value.peer} size={16} />
        </>
      )
    }
    case 'saved':
      return (
        <>
          <span class="verified">
            <Icon name="check" size={16} /> Verified and saved
          </span>
          <span class="number">
            {formatBytes(state.result.size)} in {formatDuration(state.result.durationMs)}
          </span>
          <PeerName peer={state.result.peer} size={16} />
        </>
      )
    case 'failed':
      return <span class="problem">{state.problem}</span>
    case 'canceled':
      return <span>Canceled. Nothing was saved.</span>
  }
}

/** What is read aloud: each change once, not each percent. */
function spoken(name: string, state: DownloadState): string {
  switch (state.phase) {
    case 'waiting':
    case 'running':
      return ''
    case 'connecting':
      return state.step
    case 'saved':
      return `${name} is verified and saved.`
    case 'failed':
      return `${name}: ${state.problem}`
    case 'canceled':
      return `${name} is canceled.`
  }
}

/** What a person can do when a download did not end well. */
function Remedy({ download, state }: { download: Download; state: DownloadState }) {
  if (state.phase !== 'failed' && state.phase !== 'canceled') return null
  const next = nextSource(download)
  const isOther = next !== download.from.value
  return (
    <Button icon="retry" onClick={() => retryDownload(download)} testId="download-retry">
      {isOther ? `Try from ${next.peer.name}` : 'Try again'}
    </Button>
  )
}
