import { useId } from 'preact/hooks'
import { hashings, shareNote, shares, stopSharing, uploads } from '../../state/shares.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { DropZone } from './drop-zone.tsx'
import { HashingRow } from './hashing-row.tsx'
import { ShareRow } from './share-row.tsx'

/** What this tab shares. */
export function Shares() {
  const noteId = useId()
  const hasFiles = shares.value.length > 0
  return (
    <Panel
      id="shares"
      title="Share"
      aside={
        hasFiles && (
          <span class="hint">
            {formatCount(shares.value.length, 'file')}, {totalSize()}
          </span>
        )
      }
    >
      <DropZone />
      <p class="visually-hidden" role="status">
        {hasFiles && `You share ${formatCount(shares.value.length, 'file')}.`}
      </p>
      {shareNote.value !== undefined && (
        <p class="note" id={noteId} role="status">
          <p class="visually-hidden" role="status">
            {hasFiles && `You share ${formatCount(shares.value.length, 'file')}.`}
          </p>
          {shareNote.value}
        </p>
      )}
      {(hasFiles || hashings.value.length > 0) && (
        <ul class="rows">
          {hashings.value.map((hashing) => (
            <HashingRow key={hashing.id} hashing={hashing} />
          ))}
          {shares.value.toReversed().map((share) => (
            <ShareRow
              key={share.cid}
              share={share}
              uploads={uploads.value.filter((upload) => upload.cid === share.cid)}
            />
          ))}
        </ul>
      )}
      {hasFiles && (
        <p class="hint">Available while this tab is open. Peers that you exchange files with see your IP address.</p>
      )}
      {shares.value.length > 1 && <StopAll />}
    </Panel>
  )
}

function StopAll() {
  return (
    <div class="row">
      <Button
        onClick={() => {
          for (const { cid } of shares.value) stopSharing(cid)
        }}
      >
        Stop sharing all
      </Button>
    </div>
  )
}

function totalSize(): string {
  return formatBytes(shares.value.reduce((sum, { size }) => sum + size, 0))
}
