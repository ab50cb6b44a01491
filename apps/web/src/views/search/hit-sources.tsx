import type { Hit } from '@servent/servent'
import { reachabilityOf } from '../../state/hits.ts'
import { network } from '../../state/peer.ts'
import { formatCount } from '../../ui/format.ts'

/** How many peers have a content, and how they can be reached. */
export function HitSources({ hit }: { hit: Hit }) {
  const { sources, direct, relayed, keepers } = reachabilityOf(hit, network.value.peers)
  const isRelayedOnly = relayed === sources
  return (
    <span
      data-testid="hit-sources"
      data-sources={sources}
      data-direct={direct}
      data-relayed={relayed}
      data-keepers={keepers}
      title={`At ${hit.sources.map(({ peer }) => peer.name).join(', ')}`}
    >
      {formatCount(sources, 'source')}
      {direct > 0 && `, ${direct} direct`}
      {relayed > 0 && `, ${relayed} relayed`}
      {keepers > 0 && `, kept by ${formatCount(keepers, 'keeper')}`}
      {isRelayedOnly && ': slow, small files only'}
    </span>
  )
}
