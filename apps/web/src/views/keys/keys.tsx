import { useRef } from 'preact/hooks'
import {
  chooseKeyOverlay,
  clearKeyRequests,
  type KeyRequest,
  keyOverlay,
  keyRequests,
  lookUpLines,
  lookupOverlays,
  storeLines,
} from '../../state/keys.ts'
import { overlayExplanation, overlayTitle } from '../../state/overlay-words.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { Way } from '../../ui/way.tsx'

/** Keys instead of words: small values that the network keeps, each at the peers that its key belongs to. */
export function Keys() {
  if (lookupOverlays.value.length === 0) return null
  return (
    <details class="keys disclosure">
      <summary>
        <h2>Keys</h2>
        <span class="hint" data-testid="lookup-overlays">
          {lookupOverlays.value.map(overlayTitle).join(', ')}
        </span>
      </summary>
      <p class="hint">
        A value is kept by the peers that its key belongs to, and its key is the hash of the value. Whoever has the key
        finds it, hop by hop.
      </p>
      <OverlayTabs />
      <Lines />
      <Requests />
    </details>
  )
}

function OverlayTabs() {
  return (
    <fieldset class="overlay-choice">
      <legend class="hint">On:</legend>
      {lookupOverlays.value.map((overlay) => (
        <label key={overlay} class="chip" title={overlayExplanation(overlay)}>
          <input
            type="radio"
            name="key-overlay"
            checked={keyOverlay.value === overlay}
            onChange={() => chooseKeyOverlay(overlay)}
            data-testid={`key-overlay-${overlay}`}
          />
          {overlayTitle(overlay)}
        </label>
      ))}
    </fieldset>
  )
}

function Lines() {
  const lines = useRef<HTMLTextAreaElement>(null)
  const text = () => lines.current?.value ?? ''
  return (
    <div class="key-lines">
      <label class="visually-hidden" for="key-lines">
        Values to store, or keys to look up, one a line
      </label>
      <textarea
        id="key-lines"
        ref={lines}
        rows={3}
        spellcheck={false}
        placeholder="Values to store, or keys to look up, one a line"
        data-testid="key-lines"
      />
      <div class="row">
        <Button onClick={() => storeLines(text())} testId="key-store">
          Store
        </Button>
        <Button onClick={() => lookUpLines(text())} testId="key-look-up">
          Look up
        </Button>
        {keyRequests.value.length > 0 && (
          <Button look="quiet" onClick={clearKeyRequests}>
            Clear the list
          </Button>
        )}
      </div>
    </div>
  )
}

function Requests() {
  return (
    <ol class="key-requests" reversed>
      {keyRequests.value.map((request) => (
        <RequestRow key={request.number} request={request} />
      ))}
    </ol>
  )
}

function RequestRow({ request }: { request: KeyRequest }) {
  const { overlay, does, state, key, value, path, problem } = request
  return (
    <li data-testid="key-request" data-state={state} data-does={does} data-overlay={overlay} data-key={key}>
      <p class="key-value">
        <bdi data-testid="key-value">{value ?? '…'}</bdi>
      </p>
      {key !== undefined && <code data-testid="key-key">{key}</code>}
      <p class="facts">
        <span>{overlayTitle(overlay)}</span>
        {problem === undefined ? <span>{stateLine(request)}</span> : <span class="problem">{problem}</span>}
        <Way path={path} testId="key-way" />
      </p>
    </li>
  )
}

function stateLine({ does, state, path, replicas, durationMs }: KeyRequest): string {
  if (state === 'waiting') return 'waits'
  if (state === 'running') return does === 'store' ? 'is being stored…' : 'is looked up…'
  const kept = replicas === undefined ? 'found' : `kept by ${formatCount(replicas, 'peer')}`
  const hops = formatCount(Math.max(0, path.length - 1), 'hop')
  return `${kept}, ${hops}${durationMs === undefined ? '' : `, ${formatDuration(durationMs)}`}`
}
