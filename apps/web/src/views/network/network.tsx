import type { PeerStatus } from '@servent/servent'
import { networkNotes, pathLine, roleLine } from '../../state/network-words.ts'
import { isIdentityKept, neighborCount, network, setNeighbor } from '../../state/peer.ts'
import { startBrowsing } from '../../state/search.ts'
import { settings } from '../../state/settings.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { PeerName } from '../../ui/names.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Picture } from './picture.tsx'
import { QueriesSeen } from './queries-seen.tsx'

/** Whom this tab is connected to, and which of them it floods its searches through. */
export function Network() {
  const { peers } = network.value
  return (
    <Panel
      id="network"
      title="Network"
      aside={<span class="hint">{formatCount(neighborCount.value, 'neighbor')}</span>}
    >
      <Notes />
      <Role />
      {peers.length === 0 ? (
        <p class="hint">Peers will be shown here as they connect.</p>
      ) : (
        <>
          <Picture />
          <ul class="peers">
            {peers.map((peer) => (
              <PeerRow key={peer.id} peer={peer} />
            ))}
          </ul>
          <p class="hint">Searches travel from neighbor to neighbor; files come straight from who has them.</p>
        </>
      )}
      <QueriesSeen />
    </Panel>
  )
}

/** What this tab is to others. */
function Role() {
  const line = roleLine(network.value)
  if (line === undefined) return null
  return (
    <p class="hint" data-testid="role" data-role={network.value.gnutella?.role}>
      {line}
    </p>
  )
}

function Notes() {
  const notes = [...networkNotes(network.value, settings.webrtc)]
  if (!isIdentityKept.value) {
    notes.push('This browser keeps nothing for this page, so you will be somebody else after a reload.')
  }
  return (
    <div role="status">
      {notes.map((text) => (
        <p key={text} class="note" data-testid="network-note">
          {text}
        </p>
      ))}
    </div>
  )
}

function PeerRow({ peer }: { peer: PeerStatus }) {
  return (
    <li class="peer" data-testid="peer" data-peer-id={peer.id} data-path={peer.path} data-neighbor={peer.isNeighbor}>
      <div class="peer-main">
        <PeerName peer={peer} size={26} />
        <p class="facts">
          <span class={peer.path}>{pathLine(peer)}</span>
          {peer.isBootstrap && <span class="badge">bootstrap</span>}
          {peer.gnutellaRole !== undefined && <span class="badge">{peer.gnutellaRole}</span>}
        </p>
      </div>
      {network.value.gnutella?.role !== undefined && (
        <Button
          look="quiet"
          label={`Browse what ${peer.name} shares`}
          onClick={() => void startBrowsing(peer)}
          testId="peer-browse"
        >
          Browse
        </Button>
      )}
      <Button
        look="quiet"
        label={`${peer.isNeighbor ? 'Unlink' : 'Link'} ${peer.name}`}
        onClick={() => setNeighbor(peer.id, !peer.isNeighbor)}
        testId="peer-link-toggle"
      >
        {peer.isNeighbor ? 'Unlink' : 'Link'}
      </Button>
    </li>
  )
}
