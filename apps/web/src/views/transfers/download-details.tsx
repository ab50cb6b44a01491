import type { SourceStatus } from '@servent/servent'
import { type Download, isBusy } from '../../state/download.ts'
import { formatBytes, formatSpeed } from '../../ui/format.ts'
import { PeerName } from '../../ui/names.tsx'

/** Where a download comes from: each source, what it gave, and what is wrong with it. */
export function DownloadDetails({ download }: { download: Download }) {
  const progress = download.progress.value
  if (progress === undefined) return null
  const { chunksDone, chunksTotal, keptBytes, wastedBytes, sources } = progress
  return (
    <details class="transfer-details" data-testid="download-details">
      <summary>Details</summary>
      <p class="facts">
        <span class="number" data-testid="download-chunks" data-done={chunksDone}>
          {chunksDone} of {chunksTotal} {chunksTotal === 1 ? 'chunk' : 'chunks'} verified
        </span>
        {keptBytes > 0 && (
          <span data-testid="download-kept" data-bytes={keptBytes}>
            {formatBytes(keptBytes)} were here already
          </span>
        )}
        {wastedBytes > 0 && (
          <span data-testid="download-wasted" data-bytes={wastedBytes}>
            {formatBytes(wastedBytes)} came in vain
          </span>
        )}
      </p>
      <ul class="sources">
        {sources.map((source) => (
          <SourceRow key={source.peer.id} source={source} isRunning={isBusy(download.state.value.phase)} />
        ))}
      </ul>
    </details>
  )
}

function SourceRow({ source, isRunning }: { source: SourceStatus; isRunning: boolean }) {
  const { peer, state, verifiedBytes, bytesPerSecond, problem } = source
  return (
    <li
      class={state === 'banned' ? 'source banned' : 'source'}
      data-testid="download-source"
      data-state={state}
      data-peer={peer.id}
      data-bytes={verifiedBytes}
    >
      <PeerName peer={peer} size={16} />
      <span class="facts">
        {verifiedBytes > 0 && <span class="number">{formatBytes(verifiedBytes)}</span>}
        {isRunning && state === 'fetching' && <span class="number">{formatSpeed(bytesPerSecond)}</span>}
        {(isRunning || state === 'banned') && <span class="source-state">{stateWord(source)}</span>}
        <span>{wayTo(source)}</span>
      </span>
      {problem !== undefined && state !== 'banned' && <span class="hint">{problem}</span>}
    </li>
  )
}

function stateWord({ state }: SourceStatus): string {
  switch (state) {
    case 'connecting':
      return 'connecting…'
    case 'fetching':
      return 'sends'
    case 'idle':
      return 'connected'
    case 'waiting':
      return 'in reserve'
    case 'left':
      return 'set aside'
    case 'banned':
      return 'sent wrong bytes; ignored until this page is closed'
  }
}

function wayTo({ path }: SourceStatus): string {
  if (path === undefined) return ''
  return path === 'relayed' ? 'through a relay: slow, small files only' : 'direct'
}
