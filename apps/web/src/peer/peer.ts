import { createPrivateKey, createServent, type Servent } from '@servent/servent'
import type { Settings } from '../settings.ts'
import type { Database } from './database.ts'
import { openIdentity } from './identity.ts'

export { placeIn } from './folder-places.ts'
export { shareFile } from './share-file.ts'

export interface StartedPeer {
  readonly servent: Servent
  /** Number of its identity slot; undefined when the browser keeps nothing. */
  readonly slot: number | undefined
  /** This identity's own part of the database. */
  readonly store: Database
}

/** Makes this tab a peer. Loaded on its own, after the page is there: libp2p is most of what the page weighs. */
export async function startPeer(settings: Settings): Promise<StartedPeer> {
  const { privateKey, store, slot } = await openIdentity(createPrivateKey)
  const servent = await createServent({
    bootstrap: settings.bootstrap,
    privateKey,
    store,
    webrtc: settings.webrtc,
    gnutella: settings.gnutella,
    tellQueries: true,
    napster: settings.napster ? 'client' : 'off',
    ...(settings.neighbors === undefined ? {} : { neighbors: settings.neighbors }),
  })
  return { servent, slot, store }
}
