import type { PeerIdentity } from '@servent/servent'
import { Avatar } from './avatar.tsx'

/** The peers that a look-up went through, hop by hop: a row of seals, with the names in words. */
export function Way({ path, testId }: { path: readonly PeerIdentity[]; testId?: string }) {
  if (path.length === 0) return null
  return (
    <ol class="way" data-testid={testId} aria-label={path.map(({ name }) => name).join(', then ')}>
      {path.map((peer, i) => (
        // One peer can be passed twice.
        <li key={`${i} ${peer.id}`} title={i === 0 ? `${peer.name}, this tab` : peer.name}>
          <Avatar id={peer.id} size={20} />
        </li>
      ))}
    </ol>
  )
}
