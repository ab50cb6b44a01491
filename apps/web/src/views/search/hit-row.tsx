import type { Hit } from '@servent/servent'
import { CHOOSE_PLACE_BYTES_MIN, canChoosePlace, choosePlace } from '../../peer/saving.ts'
import { type Download, isActive, isBusy } from '../../state/download.ts'
import { firstAfterMs, hopsTo, nearest, overlaysOf } from '../../state/hits.ts'
import { overlayTitle } from '../../state/overlay-words.ts'
import { downloadOf, startDownload } from '../../state/transfers.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'
import { CopyLinkButton } from '../link/link-tools.tsx'
import { HitSources } from './hit-sources.tsx'

/** One content, with the nearest of those that have it. */
export function HitRow({ hit }: { hit: Hit }) {
  const source = nearest(hit)
  return (
    <li class="hit" data-testid="hit" data-cid={hit.cid}>
      <span class="kind">
        <Icon name={kindOf(hit.name)} size={22} />
      </span>
      <div class="hit-main">
        <FileName name={hit.name} testId="hit-name" />
        <p class="facts">
          <PeerName peer={source.peer} size={18} testId="hit-peer" />
          <HitSources hit={hit} />
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
          <Button look="quiet" label={`Save as…: ${hit.name}`} onClick={() => void getAs(hit)} testId="hit-save-as">
            Save as…
          </Button>
        )}
        <GetButton hit={hit} />
        <CopyLinkButton target={hit} />
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
  const download = downloadOf(hit.cid)
  const state = download?.state.value
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
      <span class="number">{wordOf(download)}</span>
    </button>
  )
}

/** What the button says: how far it is, or what a click does. */
function wordOf(download: Download | undefined): string {
  if (download === undefined) return 'Get'
  const { state, progress } = download
  const { phase } = state.value
  if (isBusy(phase) && progress.value !== undefined) {
    return formatPercent(progress.value.doneBytes, progress.value.totalBytes)
  }
  if (isActive(state.value)) return '…'
  if (phase === 'saved') return 'Saved'
  return phase === 'paused' ? 'Resume' : 'Get'
}
