import { startProblem } from '../state/peer.ts'
import { Button } from '../ui/button.tsx'

/** Shown when this tab could not become a peer at all. */
export function StartProblem() {
  if (startProblem.value === undefined) return null
  return (
    <div class="start-problem note" role="alert">
      <p>{startProblem.value}</p>
      <Button icon="retry" onClick={() => location.reload()}>
        Load the page again
      </Button>
    </div>
  )
}
