import { overlayExplanation, overlayTitle } from '../../state/overlay-words.ts'
import { isAsked, overlays, setAsked } from '../../state/overlays.ts'

/** Which overlays a search asks. With one there is nothing to choose. */
export function OverlayChoice() {
  if (overlays.value.length < 2) return null
  return (
    <fieldset class="overlay-choice">
      <legend class="hint">Ask:</legend>
      {overlays.value.map((overlay) => (
        <label key={overlay} class="chip" title={overlayExplanation(overlay)}>
          <input
            type="checkbox"
            checked={isAsked(overlay)}
            onChange={({ currentTarget }) => {
              setAsked(overlay, currentTarget.checked)
              // The last one cannot be taken out: the box then shows what holds.
              currentTarget.checked = isAsked(overlay)
            }}
            data-testid={`ask-${overlay}`}
          />
          {overlayTitle(overlay)}
        </label>
      ))}
    </fieldset>
  )
}
