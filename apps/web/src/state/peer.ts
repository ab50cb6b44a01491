import { computed, signal } from '@preact/signals'
import type { NetworkStatus, PeerIdentity, Servent } from '@servent/servent'

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

/**
 * Resolves when there is a neighbor to ask, at the latest after `waitMs`.
 *
 * @throws the signal's reason, when it fires
 */
export function whenNeighbor(waitMs: number, aborted: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, waitMs)
  const onAbort = () => reject(aborted.reason)
  aborted.addEventListener('abort', onAbort)
  if (aborted.aborted) onAbort()
  const unsubscribe = neighborCount.subscribe((count) => {
    if (count > 0) resolve()
  })
  return promise.finally(() => {
    clearTimeout(timer)
    unsubscribe()
    aborted.removeEventListener('abort', onAbort)
  })
}

/** Links a peer as Gnutella neighbor, or ends that. */
export function setNeighbor(peerId: string, isNeighbor: boolean): void {
  if (isNeighbor) servent.value?.link(peerId)
  else servent.value?.unlink(peerId)
}
