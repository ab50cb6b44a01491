import { connectionLine } from '../state/network-words.ts'
import { me, network, startProblem } from '../state/peer.ts'
import { Avatar } from '../ui/avatar.tsx'

/** Who this tab is and how it is connected: the top of the page. */
export function Me() {
  const self = me.value
  return (
    <div class="me">
      {self === undefined ? <span class="avatar-blank" aria-hidden="true" /> : <Avatar id={self.id} size={40} />}
      <div>
        <p class="me-line" title={self?.id}>
          {self === undefined ? (
            startProblem.value === undefined ? (
              'Making your key…'
            ) : (
              'You are nobody yet'
            )
          ) : (
            <>
              You are <strong data-testid="me-name">{self.name}</strong>
            </>
          )}
        </p>
        <p class={`me-state ${startProblem.value === undefined ? network.value.phase : 'stopped'}`} role="status">
          <span class="dot" aria-hidden="true" />
          <span data-testid="peer-count">
            {startProblem.value === undefined ? connectionLine(network.value) : 'not connected'}
          </span>
        </p>
      </div>
    </div>
  )
}
