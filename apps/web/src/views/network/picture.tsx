import { me, network } from '../../state/peer.ts'
import { AvatarMarks } from '../../ui/avatar.tsx'
import { placePeers } from './layout.ts'

const SELF_SIZE = 40
const PEER_SIZE = 26

/** This tab and the peers around it. Decoration: the list below says the same in words. */
export function Picture() {
  const places = placePeers(network.value.peers)
  const self = me.value
  return (
    <svg class="picture" viewBox="-150 -106 300 212" aria-hidden="true">
      <ellipse class="orbit" rx="78" ry="58" />
      <ellipse class="orbit" rx="124" ry="92" />
      {places.map(({ peer, x, y }) => (
        <line
          key={peer.id}
          class={`edge ${peer.path} ${peer.isNeighbor ? 'neighbor' : 'other'}`}
          x1="0"
          y1="0"
          x2={x}
          y2={y}
        />
      ))}
      {places.map(({ peer, x, y }) => (
        <g key={peer.id} class={peer.isNeighbor ? 'seat' : 'seat other'}>
          {peer.isBootstrap && <circle class="bootstrap-ring" cx={x} cy={y} r={PEER_SIZE / 2 + 4} />}
          <Seal id={peer.id} x={x} y={y} size={PEER_SIZE} />
        </g>
      ))}
      <circle class="self-ring" r={SELF_SIZE / 2 + 5} />
      {self !== undefined && <Seal id={self.id} x={0} y={0} size={SELF_SIZE} />}
    </svg>
  )
}

/** A seal with its middle at a point. */
function Seal({ id, x, y, size }: { id: string; x: number; y: number; size: number }) {
  const scale = size / 64
  return (
    <g transform={`translate(${x - size / 2} ${y - size / 2}) scale(${scale})`}>
      <AvatarMarks id={id} />
    </g>
  )
}
