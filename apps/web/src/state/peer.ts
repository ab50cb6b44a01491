import { computed, effect, signal } from '@preact/signals'
import type { NetworkStatus, PeerIdentity, SearchOverlayName, Servent } from '@servent/servent'

/** The peer that this tab is; undefined until it has started. */
export const servent = signal<Servent | undefined>(undefined)

/** Set when the peer could not be started at all: a sentence. */
export const startProblem = signal<string | undefined>(undefined)

/** False when the browser keeps nothing, so that a reload makes another peer. */
export const isIdentityKept = signal(true)

export const me = computed<PeerIdentity | undefined>(() => servent.value?.identity)

const STARTING: NetworkStatus = {
  phase: 'starting',
  peers: [],
  directCount: 0,
  relayedCount: 0,
  bootstraps: [],
  hasWebRTC: true,
  gnutella: undefined,
  napster: { role: 'off', index: undefined },
  lookups: [],
}

export const network = signal<NetworkStatus>(STARTING)

export const neighborCount = computed(() => network.value.peers.filter((peer) => peer.isNeighbor).length)

const ready = Promise.withResolvers<Servent>()

/** The peer, once it has started: what a person asks for before that waits here. */
export function whenReady(): Promise<Servent> {
  return ready.promise
}

/** Called once, when the peer has started. */
export function setServent(started: Servent, isKept: boolean): void {
  isIdentityKept.value = isKept
  servent.value = started
  network.value = started.status
  started.addEventListener('status', (event) => {
    network.value = event.detail
  })
  ready.resolve(started)
}

/** Whether an overlay has anybody to ask now. */
function canAsk(overlay: SearchOverlayName): boolean {
  if (overlay === 'gnutella') return neighborCount.value > 0
  return network.value.napster.index !== undefined
}

/**
 * Resolves when one of the overlays has somebody to ask, at the latest after `waitMs`.
 *
 * @throws the signal's reason, when it fires
 */
export function whenSomeoneToAsk(
  overlays: readonly SearchOverlayName[],
  waitMs: number,
  aborted: AbortSignal
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, waitMs)
  const onAbort = () => reject(aborted.reason)
  aborted.addEventListener('abort', onAbort)
  if (aborted.aborted) onAbort()
  const stop = effect(() => {
    // One that can be asked is enough for an answer; another that has nobody says so itself.
    if (overlays.some(canAsk)) resolve()
  })
  return promise.finally(() => {
    clearTimeout(timer)
    stop()
    aborted.removeEventListener('abort', onAbort)
  })
}

/** Links a peer as Gnutella neighbor, or ends that. */
export function setNeighbor(peerId: string, isNeighbor: boolean): void {
  if (isNeighbor) servent.value?.link(peerId)
  else servent.value?.unlink(peerId)
}
