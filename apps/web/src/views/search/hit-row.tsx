import type { Hit } from '@servent/servent'
import { CHOOSE_PLACE_BYTES_MIN, canChoosePlace, choosePlace } from '../../peer/saving.ts'
import { firstAfterMs, hopsTo, nearest, overlaysOf } from '../../state/hits.ts'
import { overlayTitle } from '../../state/overlay-words.ts'
import { downloadOf, isActive, startDownload } from '../../state/transfers.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'

/** One content, with the nearest of those that have it. */
export function HitRow({ hit }: { hit: Hit }) {
  const source = nearest(hit)
  const others = hit.sources.length - 1
  return (
    <li class="hit" data-testid="hit" data-cid={hit.cid}>
      <span class="kind">
        <Icon name={kindOf(hit.name)} size={22} />
      </span>
      <div class="hit-main">
        <FileName name={hit.name} testId="hit-name" />
        <p class="facts">
          <PeerName peer={source.peer} size={18} testId="hit-peer" />
          {others > 0 && (
            <span data-testid="hit-sources" title={hit.sources.map(({ peer }) => peer.name).join(', ')}>
              + {formatCount(others, 'other')}
            </span>
          )}
          <span class="number">{formatBytes(hit.size)}</span>
          <span data-testid="hit-hops" title={`Found after ${formatDuration(firstAfterMs(hit))}`}>
            {formatCount(hopsTo(source), 'hop')}
          </span>
          <span data-testid="hit-overlays" title="Who told of it">
            {overlaysOf(hit).map(overlayTitle).join(', ')}
          </span>
        </p>
      </div>
      <div class="hit-actions">
        {hit.size >= CHOOSE_PLACE_BYTES_MIN && canChoosePlace() && (
          <Button look="quiet" label={`Save as…: ${hit.name}`} onClick={() => void getAs(hit)}>
            Save as…
          </Button>
        )}
        <GetButton hit={hit} />
      </div>
    </li>
  )
}

/** Asks for a place first: for files that are too big to lie on the disk twice. */
async function getAs(hit: Hit): Promise<void> {
  const place = await choosePlace(hit.name)
  if (place !== undefined) startDownload(hit, place)
}

function GetButton({ hit }: { hit: Hit }) {
  const state = downloadOf(hit.cid)?.state.value
  const isRunning = state !== undefined && isActive(state)
  const isSaved = state?.phase === 'saved'
  return (
    <button
      type="button"
      class={isSaved ? 'button saved' : 'button'}
      // Not disabled: the focus would be lost with it. `startDownload` takes no content twice at once.
      aria-disabled={isRunning}
      aria-label={isSaved ? `Get ${hit.name} again` : `Get ${hit.name}`}
      onClick={() => startDownload(hit)}
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
