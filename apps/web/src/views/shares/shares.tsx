import { keepingNote, keptSources } from '../../state/kept-shares.ts'
import { folderNote } from '../../state/offered-folders.ts'
import { hashings, shareNote, shares, stopSharingAll } from '../../state/shares.ts'
import { uploads } from '../../state/uploads.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { DropZone } from './drop-zone.tsx'
import { FolderRows } from './folder-rows.tsx'
import { HashingRow } from './hashing-row.tsx'
import { ShareRow } from './share-row.tsx'
import { UploadLimits } from './upload-limits.tsx'
import { WaitingShares } from './waiting-shares.tsx'

/** What this tab shares. */
export function Shares() {
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
      <div class="share-notes" role="status">
        {shareNote.value !== undefined && <p class="note">{shareNote.value}</p>}
        {folderNote.value !== undefined && <p class="note">{folderNote.value}</p>}
        {keepingNote.value !== undefined && <p class="note">{keepingNote.value}</p>}
      </div>
      <WaitingShares />
      <FolderRows />
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
        <>
          <p class="hint">{lastingLine()} Peers that you exchange files with see your IP address.</p>
          <UploadLimits />
        </>
      )}
      {shares.value.length + hashings.value.length > 1 && (
        <div class="row">
          <Button onClick={stopSharingAll} testId="stop-all">
            Stop sharing all
          </Button>
        </div>
      )}
    </Panel>
  )
}

/** How long what is shared is there for others. */
function lastingLine(): string {
  const isKept = shares.value.some(({ cid }) => (keptSources.value.get(cid) ?? 'none') !== 'none')
  return isKept
    ? 'Available while this tab is open, and again when you come back.'
    : 'Available while this tab is open.'
}

function totalSize(): string {
  return formatBytes(shares.value.reduce((sum, { size }) => sum + size, 0))
}
