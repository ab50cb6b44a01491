import { type Download, type DownloadState, isActive, isBusy, isOver } from '../../state/download.ts'
import { canShareToo, shareToo } from '../../state/share-too.ts'
import { cancelDownload, dismissDownload, pauseDownload, resumeDownload, startAgain } from '../../state/transfers.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName } from '../../ui/names.tsx'
import { CopyLinkButton } from '../link/link-tools.tsx'
import { DownloadDetails } from './download-details.tsx'
import { StateLine, spokenState } from './state-line.tsx'

export function DownloadRow({ download }: { download: Download }) {
  const state = download.state.value
  return (
    <li class={`transfer ${state.phase}`} data-testid="download" data-cid={download.cid}>
      <div class="transfer-head">
        <span class="kind">
          <Icon name={kindOf(download.name)} size={20} />
        </span>
        <FileName name={download.name} testId="download-name" />
        <span class="transfer-actions">
          <CopyLinkButton target={download} />
          <PauseButton download={download} state={state} />
          <CloseButton download={download} state={state} />
        </span>
      </div>
      <Progress download={download} state={state} />
      <p class="facts" data-testid="download-state" data-phase={state.phase}>
        <StateLine download={download} />
      </p>
      <span class="visually-hidden" role="status">
        {spokenState(download.name, state)}
      </span>
      <Remedy download={download} state={state} />
      <DownloadDetails download={download} />
    </li>
  )
}

interface Parts {
  readonly download: Download
  readonly state: DownloadState
}

function PauseButton({ download, state }: Parts) {
  if (!isActive(state)) return null
  return (
    <IconButton
      icon="pause"
      label={`Pause ${download.name}`}
      onClick={() => pauseDownload(download)}
      testId="download-pause"
    />
  )
}

function CloseButton({ download, state }: Parts) {
  if (isOver(state) || state.phase === 'failed') {
    return (
      <IconButton icon="close" label={`Take ${download.name} off the list`} onClick={() => dismissDownload(download)} />
    )
  }
  return (
    <IconButton
      icon="close"
      label={`Cancel ${download.name}`}
      onClick={() => cancelDownload(download)}
      testId="download-cancel"
    />
  )
}

function Progress({ download, state }: Parts) {
  if (isOver(state)) return null
  const label = `Progress of ${download.name}`
  const progress = download.progress.value
  if (progress === undefined) {
    return isBusy(state.phase) ? <progress aria-label={label} data-testid="download-progress" /> : null
  }
  // An empty file is done before it begins; a bar from 0 to 0 would be no bar.
  return (
    <progress
      aria-label={label}
      value={progress.doneBytes}
      max={Math.max(1, progress.totalBytes)}
      data-testid="download-progress"
    />
  )
}

/** What a person can do when a download does not go by itself, or has come. */
function Remedy({ download, state }: Parts) {
  switch (state.phase) {
    case 'waiting':
      if (state.for !== 'source') return null
      return (
        <Button icon="retry" onClick={() => resumeDownload(download)} testId="download-retry">
          Try now
        </Button>
      )
    case 'paused':
      return (
        <Button icon="play" look="main" onClick={() => resumeDownload(download)} testId="download-resume">
          Resume
        </Button>
      )
    case 'failed':
      return (
        <Button icon="retry" onClick={() => resumeDownload(download)} testId="download-retry">
          Try again
        </Button>
      )
    case 'canceled':
      return (
        <Button icon="retry" onClick={() => startAgain(download)} testId="download-retry">
          Get it after all
        </Button>
      )
    case 'saved':
      if (!canShareToo(download)) return null
      return (
        <Button icon="drop" onClick={() => shareToo(download)} testId="download-share">
          Share it too
        </Button>
      )
    default:
      return null
  }
}
