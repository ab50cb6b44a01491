import type { OverlayProgress } from '@servent/servent'
import { overlayExplanation, overlayTitle } from '../../state/overlay-words.ts'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { Way } from '../../ui/way.tsx'

/** How each overlay looks for what a link names: those that route by key show the way, hop by hop. */
export function Ways({ overlays }: { overlays: readonly OverlayProgress[] }) {
  if (overlays.length === 0) return null
  return (
    <ul class="ways" data-testid="ways">
      {overlays.map((progress) => (
        <li key={progress.overlay} data-testid={`way-${progress.overlay}`} data-state={progress.state}>
          <span title={overlayExplanation(progress.overlay)}>{overlayTitle(progress.overlay)}</span>
          <span class="hint">{lineOf(progress)}</span>
          <Way path={progress.path} />
        </li>
      ))}
    </ul>
  )
}

function lineOf({ state, problem, foundCount, firstAfterMs }: OverlayProgress): string {
  if (problem !== undefined) return problem
  if (foundCount > 0 && firstAfterMs !== undefined) {
    return `${formatCount(foundCount, 'source')}, the first after ${formatDuration(firstAfterMs)}`
  }
  return state === 'asking' ? 'is looking…' : 'nobody'
}
