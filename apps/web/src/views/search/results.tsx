import type { Hit } from '@servent/servent'
import { network, startProblem } from '../../state/peer.ts'
import { clearSearch, hasLookedNearby, nearby, type SearchRun, search, startSearch } from '../../state/search.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Figures } from './figures.tsx'
import { HitRow } from './hit-row.tsx'

/** The hits of a search, or, without one, what the neighbors share. */
export function Results() {
  const run = search.value
  return run === undefined ? <Nearby /> : <Found run={run} />
}

function Found({ run }: { run: SearchRun }) {
  return (
    <Panel
      id="results"
      title={run.of === undefined ? 'Found' : `Shared by ${run.of.name}`}
      aside={
        <Button look="quiet" onClick={clearSearch} label="Clear the search">
          Clear <kbd>Esc</kbd>
        </Button>
      }
    >
      <p class="results-state" role="status" aria-live="polite" data-testid="search-state">
        {run.phase !== 'done' && <span class="ripple" aria-hidden="true" />}
        {stateLine(run)}
      </p>
      <HitList hits={run.hits} />
      {run.phase === 'done' && run.hits.length === 0 && run.of === undefined && <NothingFound run={run} />}
      <Figures overlays={run.overlays} />
    </Panel>
  )
}

function stateLine({ phase, of, hits, sourceCount, words, problem }: SearchRun): string {
  if (problem !== undefined) return problem
  if (of !== undefined) {
    if (hits.length > 0) return `${formatCount(hits.length, 'file')}.`
    return phase === 'done' ? `${of.name} shares nothing, or does not answer.` : `Asking ${of.name}…`
  }
  if (phase === 'waiting') return 'Waiting for somebody to ask…'
  if (hits.length === 0) {
    return phase === 'running' ? `Asking for “${words}”…` : `Nothing found for “${words}”.`
  }
  const sources = sourceCount > hits.length ? ` at ${formatCount(sourceCount, 'place')}` : ''
  return `${formatCount(hits.length, 'file')}${sources} for “${words}”${phase === 'running' ? ', still asking…' : '.'}`
}

function NothingFound({ run }: { run: SearchRun }) {
  const isAlone = network.value.peers.length === 0
  return (
    <div class="empty" data-testid="nothing-found">
      <p>
        {isAlone
          ? 'Nobody is connected, so nobody could be asked.'
          : 'Nobody within reach shares a file with all of these words. Fewer or shorter words find more; whole words are compared, in any order.'}
      </p>
      <div class="row">
        <Button icon="retry" onClick={() => void startSearch(run.words)}>
          Ask again
        </Button>
        <Button look="quiet" onClick={clearSearch}>
          Show what is shared nearby
        </Button>
      </div>
    </div>
  )
}

function Nearby() {
  const hits = nearby.value
  return (
    <Panel id="results" title="Shared nearby">
      <p class="results-state" role="status" aria-live="polite">
        {hits.length === 0 && isJoining() && <span class="ripple" aria-hidden="true" />}
        {nearbyLine(hits.length)}
      </p>
      <HitList hits={hits} />
    </Panel>
  )
}

function isJoining(): boolean {
  return startProblem.value === undefined && network.value.phase !== 'alone'
}

function nearbyLine(count: number): string {
  if (count > 0) return `${formatCount(count, 'file')} that your neighbors share.`
  const hasNeighbor = network.value.peers.some((peer) => peer.isNeighbor)
  if (hasNeighbor && hasLookedNearby.value) return 'Your neighbors share nothing themselves. A search goes further.'
  if (hasNeighbor) return 'Asking your neighbors what they share…'
  return 'What your neighbors share will be listed here as soon as you are connected.'
}

function HitList({ hits }: { hits: readonly Hit[] }) {
  if (hits.length === 0) return null
  return (
    <ul class="hits" onKeyDown={moveBetweenHits}>
      {hits.map((hit) => (
        <HitRow key={hit.cid} hit={hit} />
      ))}
    </ul>
  )
}

/** Up and down go from button to button; up from the first one goes back to the search box. */
function moveBetweenHits(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const actions = [...document.querySelectorAll<HTMLElement>('[data-hit-action]')]
  const at = actions.findIndex((action) => action.matches(':focus'))
  if (at === -1) return
  event.preventDefault()
  const next =
    event.key === 'ArrowDown' ? actions[at + 1] : (actions[at - 1] ?? document.querySelector('#search-input'))
  if (next instanceof HTMLElement) next.focus()
}
