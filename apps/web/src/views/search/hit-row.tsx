import { CHOOSE_PLACE_BYTES_MIN, canChoosePlace, choosePlace } from '../../peer/saving.ts'
import { type HitGroup, nearest } from '../../state/hit-groups.ts'
import { downloadOf, isActive, startDownload } from '../../state/transfers.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'

/** One content, with the nearest of those that offer it. */
export function HitRow({ group }: { group: HitGroup }) {
  const hit = nearest(group)
  const others = group.hits.length - 1
  return (
    <li class="hit" data-testid="hit" data-cid={group.cid}>
      <span class="kind">
        <Icon name={kindOf(group.name)} size={22} />
      </span>
      <div class="hit-main">
        <FileName name={group.name} testId="hit-name" />
        <p class="facts">
          <PeerName peer={hit.peer} size={18} testId="hit-peer" />
          {others > 0 && (
            <span data-testid="hit-sources" title={group.hits.map((source) => source.peer.name).join(', ')}>
              + {formatCount(others, 'other')}
            </span>
          )}
          <span class="number">{formatBytes(group.size)}</span>
          <span data-testid="hit-hops">{formatCount(hit.hops, 'hop')}</span>
          <span class="number" title="Time from the question to the answer">
            {formatDuration(group.hits[0].afterMs)}
          </span>
        </p>
      </div>
      <div class="hit-actions">
        {group.size >= CHOOSE_PLACE_BYTES_MIN && canChoosePlace() && (
          <Button look="quiet" label={`Save as…: ${group.name}`} onClick={() => void getAs(group)}>
            Save as…
          </Button>
        )}
        <GetButton group={group} />
      </div>
    </li>
  )
}

/** Asks for a place first: for files that are too big to lie on the disk twice. */
async function getAs(group: HitGroup): Promise<void> {
  const place = await choosePlace(group.name)
  if (place !== undefined) startDownload(group, nearest(group), place)
}

function GetButton({ group }: { group: HitGroup }) {
  const state = downloadOf(group.cid)?.state.value
  const isRunning = state !== undefined && isActive(state)
  const isSaved = state?.phase === 'saved'
  return (
    <button
      type="button"
      class={isSaved ? 'button saved' : 'button'}
      // Not disabled: the focus would be lost with it. `startDownload` takes no content twice at once.
      aria-disabled={isRunning}
      aria-label={isSaved ? `Get ${group.name} again` : `Get ${group.name}`}
      onClick={() => startDownload(group, nearest(group))}
      data-hit-action
      data-testid="hit-get"
    >
      <Icon name={isSaved ? 'check' : 'get'} size={18} />
      <span class="number">
        {state?.phase === 'running'
          ? formatPercent(state.progress.doneBytes, state.progress.totalBytes)
          : isRunning
            ? '…'
            : isSaved
              ? 'Saved'
              : 'Get'}
      </span>
    </button>
  )
}
