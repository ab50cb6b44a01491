import type { UploadStatus } from '@servent/servent'
import { formatBytes, formatPercent, formatSpeed } from '../../ui/format.ts'
import { PeerName } from '../../ui/names.tsx'

/** Somebody fetches a file of ours: all of it, or its part of what comes from several. */
export function Upload({ upload, size }: { upload: UploadStatus; size: number }) {
  const { peer, sentBytes, bytesPerSecond, isOver } = upload
  const hasAll = sentBytes >= size
  return (
    <div class="upload" data-testid="upload">
      <p class="facts">
        <PeerName peer={peer} size={18} />
        {isOver || hasAll ? (
          <span>{hasAll ? 'has fetched it' : `has fetched ${formatBytes(sentBytes)} of it`}</span>
        ) : (
          <>
            <span>fetches it:</span>
            <span class="number">{formatPercent(sentBytes, size)}</span>
            <span class="number" data-testid="upload-speed">
              {formatSpeed(bytesPerSecond)}
            </span>
          </>
        )}
      </p>
      {!isOver && !hasAll && <progress aria-label={`${peer.name} fetches`} value={sentBytes} max={size} />}
    </div>
  )
}
