import type { SearchOverlayName } from '@servent/servent'

const TITLES: Readonly<Record<SearchOverlayName, string>> = { gnutella: 'Gnutella', napster: 'Napster' }

const EXPLANATIONS: Readonly<Record<SearchOverlayName, string>> = {
  gnutella: 'The question goes from peer to peer, as far as it takes. Nobody in the middle.',
  napster: 'One central index knows what everybody shares. One question, one answer, while the index lives.',
}

/** An overlay's name as a person reads it. */
export function overlayTitle(overlay: SearchOverlayName): string {
  return TITLES[overlay]
}

/** How it finds things, in a sentence or two. */
export function overlayExplanation(overlay: SearchOverlayName): string {
  return EXPLANATIONS[overlay]
}
