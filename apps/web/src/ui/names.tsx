import type { PeerIdentity } from '@servent/servent'
import { Avatar } from './avatar.tsx'

/** A name that came from the network, or from somebody's disk: text, kept from turning the text around it. */
export function FileName({ name, testId }: { name: string; testId?: string }) {
  return (
    <bdi class="file-name" dir="auto" title={name} data-testid={testId}>
      {name}
    </bdi>
  )
}

/** A peer, as it is shown everywhere: its seal and its two words. */
export function PeerName({ peer, size = 22, testId }: { peer: PeerIdentity; size?: number; testId?: string }) {
  return (
    <span class="peer-name" title={peer.id}>
      <Avatar id={peer.id} size={size} />
      <bdi data-testid={testId}>{peer.name}</bdi>
    </span>
  )
}
