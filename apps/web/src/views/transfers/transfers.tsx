import { restingBytes } from '../../state/room.ts'
import { downloads, isListFull, LISTED_MAX } from '../../state/transfers.ts'
import { Panel } from '../../ui/panel.tsx'
import { DownloadRow } from './download-row.tsx'
import { RoomLine } from './room-line.tsx'

/** What this tab fetches, and what it has fetched. */
export function Transfers() {
  if (downloads.value.length === 0 && restingBytes.value === 0) return null
  return (
    <Panel id="transfers" title="Downloads">
      {isListFull.value && (
        <p class="note" role="status">
          {LISTED_MAX} downloads are unfinished. Let some of them finish, or cancel some, before you get more.
        </p>
      )}
      <ul class="rows">
        {downloads.value.map((download) => (
          <DownloadRow key={download.cid} download={download} />
        ))}
      </ul>
      <RoomLine />
    </Panel>
  )
}
