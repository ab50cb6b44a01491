import { effect } from '@preact/signals'
import { network } from './peer.ts'

/** Peers come in bursts, and each may bring another: so long is waited for more of them, in milliseconds. */
const SETTLE_MS = 1_000
/** Looking asks every overlay: never more often than this for news, in milliseconds. */
const NEWS_EVERY_MS = 10_000
/** A source may join far away, which nothing tells of: so long after the last look there is another, in milliseconds. */
const LOOK_AGAIN_MS = 30_000

/**
 * Calls back whenever it may be of use to look for sources again: when the browser is online again, when a peer was met, and now and then.
 * Returns what ends it.
 */
export function watchForSources(look: () => void): () => void {
  let lastLookMs = performance.now()
  let timer = setTimeout(lookNow, LOOK_AGAIN_MS)
  function lookNow(): void {
    clearTimeout(timer)
    lastLookMs = performance.now()
    timer = setTimeout(lookNow, LOOK_AGAIN_MS)
    look()
  }
  const onNews = () => {
    clearTimeout(timer)
    timer = setTimeout(lookNow, Math.max(SETTLE_MS, lastLookMs + NEWS_EVERY_MS - performance.now()))
  }
  window.addEventListener('online', onNews)
  const stop = onNewPeer(onNews)
  return () => {
    clearTimeout(timer)
    window.removeEventListener('online', onNews)
    stop()
  }
}

/** Calls back when a peer is connected that was not before. */
function onNewPeer(call: () => void): () => void {
  let known = new Set(network.peek().peers.map(({ id }) => id))
  return effect(() => {
    const ids = network.value.peers.map(({ id }) => id)
    const isNews = ids.some((id) => !known.has(id))
    known = new Set(ids)
    if (isNews) call()
  })
}
