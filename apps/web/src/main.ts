import { effect } from '@preact/signals'
import { h, render } from 'preact'
import { App } from './app.tsx'
import { clearRoom } from './peer/saving.ts'
import { followLimits, recallLimits } from './state/limits.ts'
import { followAddress } from './state/link.ts'
import { keepNearby } from './state/nearby.ts'
import { followIndex } from './state/overlays.ts'
import { setServent, startProblem } from './state/peer.ts'
import { followQueries } from './state/queries-seen.ts'
import { followRoom } from './state/room.ts'
import { settings } from './state/settings.ts'
import { followShares, recallShares } from './state/shares.ts'
import { adoptDownloads, isDownloading, keepLooking } from './state/transfers.ts'
import { followUploads, isUploading } from './state/uploads.ts'
import { installTrustedTypesPolicy } from './trusted-types.ts'

installTrustedTypesPolicy()
followAddress()
followIndex()
followShares()
followUploads()
followLimits()
followQueries()
keepNearby()
keepLooking()
followRoom()
warnBeforeLeaving()
render(h(App, {}), document.getElementById('app') ?? document.body)
void join()
adoptDownloads()
clearRoom().catch((error: unknown) => console.warn('Old downloads could not be cleared', error))

/** The page is usable before this ends: what is asked for meanwhile waits. */
async function join(): Promise<void> {
  try {
    const { startPeer } = await import('./peer/peer.ts')
    const { servent, slot, store } = await startPeer(settings)
    setServent(servent, slot !== undefined)
    recallLimits(store).catch((error: unknown) => console.warn('The limits could not be read', error))
    recallShares(slot).catch((error: unknown) => console.warn('What was shared before could not be read', error))
  } catch (error) {
    console.error('This tab could not become a peer', error)
    startProblem.value = 'This tab could not join the network. The browser’s console says why.'
  }
}

/** Asks before the tab is closed, but only while that would break off somebody's transfer. */
function warnBeforeLeaving(): void {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault()
  effect(() => {
    if (!isDownloading.value && !isUploading.value) return
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  })
}
