import type { Share } from '@servent/servent'
import { askWhetherFindable, findableLines, findables } from '../../state/findable.ts'
import { Button } from '../../ui/button.tsx'

/** Whether others can find a file: whoever shares it sees it in any case. */
export function FindableCheck({ share }: { share: Share }) {
  const findable = findables.value.get(share.cid)
  const isAsking = findable?.phase === 'asking'
  return (
    <div class="findable">
      <Button
        look="quiet"
        label={`Can others find ${share.name}?`}
        onClick={() => void askWhetherFindable(share.cid)}
        testId="share-findable"
      >
        {findable === undefined || isAsking ? 'Can others find it?' : 'Ask again'}
      </Button>
      <div role="status" data-testid="findable" data-phase={findable?.phase}>
        {isAsking && (
          <p class="hint">
            <span class="ripple" aria-hidden="true" /> Another peer looks for it…
          </p>
        )}
        {findable?.phase === 'unknown' && <p class="hint">{findable.problem}</p>}
        {findable?.phase === 'known' && <Known lines={findableLines(findable.report)} />}
      </div>
    </div>
  )
}

function Known({ lines }: { lines: ReturnType<typeof findableLines> }) {
  return (
    <>
      <p class="hint">{lines.all}</p>
      <ul class="hint">
        {lines.each.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  )
}
