import { cancelHashing, type Hashing, type HashingState, retryHashing } from '../../state/shares.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes, formatLeft, formatPercent } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName } from '../../ui/names.tsx'

/** A chosen file on its way to being shared. */
export function HashingRow({ hashing }: { hashing: Hashing }) {
  const { file } = hashing.chosen
  const state = hashing.state.value
  return (
    <li class="transfer" data-testid="hashing">
      <div class="transfer-head">
        <span class="kind">
          <Icon name={kindOf(file.name)} size={20} />
        </span>
        <FileName name={file.name} />
        <IconButton icon="close" label={`Do not share ${file.name}`} onClick={() => cancelHashing(hashing)} />
      </div>
      {state.phase === 'hashing' && (
        <progress
          aria-label={`Hashing ${file.name}`}
          value={state.progress?.doneBytes}
          max={Math.max(1, file.size)}
          data-testid="hashing-progress"
        />
      )}
      <p class={state.phase === 'failed' ? 'facts problem' : 'facts'}>{stateLine(state, file.size)}</p>
      <span class="visually-hidden" role="status">
        {state.phase === 'failed' && `${file.name}: ${state.problem}`}
      </span>
      {state.phase === 'failed' && (
        <Button icon="retry" onClick={() => retryHashing(hashing)}>
          Try again
        </Button>
      )}
    </li>
  )
}

function stateLine(state: HashingState, size: number): string {
  switch (state.phase) {
    case 'waiting':
      return `${formatBytes(size)}, waits for the file before it`
    case 'failed':
      return state.problem
    case 'hashing': {
      const { progress } = state
      if (progress === undefined) return `Hashing ${formatBytes(size)}…`
      const left = progress.leftMs === undefined ? '' : `, ${formatLeft(progress.leftMs)}`
      return `Hashing ${formatBytes(size)}: ${formatPercent(progress.doneBytes, progress.totalBytes)}${left}`
    }
  }
}
