import type { OverlayProgress } from '@servent/servent'
import { overlayExplanation, overlayTitle } from '../../state/overlay-words.ts'
import { formatCount, formatDuration } from '../../ui/format.ts'

/** What each overlay found, and what it took: the lecture's comparison, for this very search. */
export function Figures({ overlays }: { overlays: readonly OverlayProgress[] }) {
  if (overlays.length === 0) return null
  return (
    <table class="figures" data-testid="figures">
      <caption class="visually-hidden">What each overlay found, and what it took</caption>
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Found</th>
          <th scope="col" title="What no other overlay found">
            Only there
          </th>
          <th scope="col" title="Links between us and those who have it">
            Hops
          </th>
          <th
            scope="col"
            title="Messages that this tab sent, and got back; what others passed on is not seen from here"
          >
            Messages
          </th>
          <th scope="col">First answer</th>
        </tr>
      </thead>
      <tbody>
        {overlays.map((progress) => (
          <FigureRow key={progress.overlay} progress={progress} />
        ))}
      </tbody>
    </table>
  )
}

function FigureRow({ progress }: { progress: OverlayProgress }) {
  const { overlay, state, problem, foundCount, foundAloneCount, sentCount, receivedCount, firstAfterMs } = progress
  return (
    <tr data-testid={`figures-${overlay}`} data-state={state}>
      <th scope="row" title={overlayExplanation(overlay)}>
        {overlayTitle(overlay)}
      </th>
      {problem === undefined ? (
        <>
          <td data-testid={`${overlay}-found`}>{foundCount}</td>
          <td>{foundAloneCount}</td>
          <td data-testid={`${overlay}-hops`}>{hopsOf(progress)}</td>
          <td data-testid={`${overlay}-messages`} title={`${formatCount(sentCount, 'message')} sent`}>
            {sentCount} out, {receivedCount} back
          </td>
          <td>{firstAfterMs === undefined ? '–' : formatDuration(firstAfterMs)}</td>
        </>
      ) : (
        <td colSpan={5} class="problem" data-testid={`${overlay}-problem`}>
          {problem}
        </td>
      )}
    </tr>
  )
}

function hopsOf({ hopsMin, hopsMax }: OverlayProgress): string {
  if (hopsMax === 0) return '–'
  return hopsMin === hopsMax ? String(hopsMin) : `${hopsMin} to ${hopsMax}`
}
