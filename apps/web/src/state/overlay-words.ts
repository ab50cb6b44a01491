import type { OverlayName } from '@servent/servent'

const TITLES: Readonly<Record<OverlayName, string>> = {
  gnutella: 'Gnutella',
  napster: 'Napster',
  pastry: 'Pastry',
  chord: 'Chord',
  can: 'CAN',
  kademlia: 'Kademlia',
}

const EXPLANATIONS: Readonly<Record<OverlayName, string>> = {
  gnutella: 'The question goes from peer to peer, as far as it takes. Nobody in the middle.',
  pastry: 'Each step goes to a peer whose identifier shares one more digit with the key.',
  chord: 'Peers form a ring; each step about halves the way around it.',
  can: 'Peers divide a torus among themselves; each step goes to the neighbor nearest to the key.',
  kademlia: 'The peer itself asks those nearest to the key, and they name others that are nearer.',
  napster: 'One central index knows what everybody shares. One question, one answer, while the index lives.',
}

/** An overlay's name as a person reads it. */
export function overlayTitle(overlay: OverlayName): string {
  return TITLES[overlay]
}

/** How it finds things, in a sentence or two. */
export function overlayExplanation(overlay: OverlayName): string {
  return EXPLANATIONS[overlay]
}
