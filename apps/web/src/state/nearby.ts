import { computed, effect } from '@preact/signals'
import { network } from './peer.ts'
import { lookNearby, search } from './search.ts'

/** Neighbors come and go in bursts; and asking all of them for everything is not for every second. */
const SETTLE_MS = 300
const LOOK_AGAIN_MS = 15_000

const neighborIds = computed(() =>
  network.value.peers
    .filter((peer) => peer.isNeighbor)
    .map((peer) => peer.id)
    .sort()
    .join(' ')
)

/** Keeps "Shared nearby" true while it is on the screen: asks when the neighbors change, and now and then. */
export function keepNearby(): () => void {
  return effect(() => {
    if (neighborIds.value === '' || search.value !== undefined) return
    const controller = new AbortController()
    let timer = setTimeout(function look() {
      if (document.visibilityState === 'visible') void lookNearby(controller.signal)
      timer = setTimeout(look, LOOK_AGAIN_MS)
    }, SETTLE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  })
}
