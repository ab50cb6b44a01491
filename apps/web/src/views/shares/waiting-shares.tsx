import { forgetShare, shareAgain } from '../../state/keep-shares.ts'
import { type WaitingReason, type WaitingShare, waitingShares } from '../../state/kept-shares.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName } from '../../ui/names.tsx'

const REASONS: Readonly<Record<Exclude<WaitingReason, 'permission'>, string>> = {
  changed: 'Not shared: it has changed since. Share it again as it is now, or forget it.',
  gone: 'Not shared: it is not where it was, or cannot be read.',
  lost: 'Not shared: this browser gives no way back to it. Choose it again, and it is shared at once.',
}

/** What was shared before and is not now, each with a way out. */
export function WaitingShares() {
  const asking = waitingShares.value.filter(({ why }) => why === 'permission')
  const others = waitingShares.value.filter(({ why }) => why !== 'permission')
  return (
    <>
      {asking.length > 0 && <ShareAgain waiting={asking} />}
      {others.length > 0 && (
        <ul class="rows" aria-label="Shared before">
          {others.map((waiting) => (
            <WaitingRow key={waiting.share.cid} waiting={waiting} />
          ))}
        </ul>
      )}
    </>
  )
}

/** One click for all: the browser asks, because the person chose these files on another visit. */
function ShareAgain({ waiting }: { waiting: readonly WaitingShare[] }) {
  const names = waiting.map(({ share }) => share.name)
  return (
    <div class="share-again note" data-testid="share-again">
      <p role="status">
        You shared {formatCount(waiting.length, 'file')} when you were here last
        {names.length <= 3 ? `: ${names.join(', ')}` : ''}. The browser may ask whether this page may read{' '}
        {waiting.length === 1 ? 'it' : 'them'}.
      </p>
      <div class="row">
        <Button look="main" onClick={() => void shareAgain(waiting)} testId="share-again-all">
          Share again: {formatCount(waiting.length, 'file')}
        </Button>
        <Button look="quiet" onClick={() => forgetAll(waiting)} testId="forget-all">
          Forget
        </Button>
      </div>
    </div>
  )
}

function WaitingRow({ waiting }: { waiting: WaitingShare }) {
  const { share, why } = waiting
  if (why === 'permission') return null
  return (
    <li class="transfer" data-testid="waiting-share" data-why={why}>
      <div class="transfer-head">
        <span class="kind">
          <Icon name={kindOf(share.name)} size={20} />
        </span>
        <FileName name={share.name} />
        <Button look="quiet" onClick={() => forgetAll([waiting])} label={`Forget ${share.name}`}>
          Forget
        </Button>
      </div>
      <p class="facts">{REASONS[why]}</p>
      {why !== 'lost' && (
        <Button icon="retry" onClick={() => void shareAgain([waiting])} label={`Share ${share.name} again`}>
          Share again
        </Button>
      )}
    </li>
  )
}

function forgetAll(waiting: readonly WaitingShare[]): void {
  for (const { share } of waiting) {
    forgetShare(share.cid).catch((error: unknown) => console.warn(`"${share.name}" was not forgotten`, error))
  }
}
