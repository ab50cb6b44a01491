import { computed, signal } from '@preact/signals'
import type { LookupOverlayName, PeerIdentity } from '@servent/servent'
import { network, whenReady } from './peer.ts'
import { sentenceOf } from './problems.ts'

/** One value that is stored, or looked up by its key. */
export interface KeyRequest {
  readonly number: number
  readonly overlay: LookupOverlayName
  readonly does: 'store' | 'look-up'
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** 40 hexadecimal digits; of a value that is being stored not known yet. */
  readonly key: string | undefined
  /** As text. */
  readonly value: string | undefined
  /** Peers that it went through, from this tab on. */
  readonly path: readonly PeerIdentity[]
  /** Peers that keep it: of a value that was stored. */
  readonly replicas: number | undefined
  readonly durationMs: number | undefined
  readonly problem: string | undefined
}

/** Requests that run at once. */
const RUNNING_MAX = 4
/** Requests in the list; the oldest go first. */
const LISTED_MAX = 200

/** The structured overlays that this tab is in. */
export const lookupOverlays = computed<readonly LookupOverlayName[]>(() => network.value.lookups)

const wanted = signal<LookupOverlayName>('pastry')

/** The overlay that requests go to. */
export const keyOverlay = computed<LookupOverlayName | undefined>(() =>
  lookupOverlays.value.includes(wanted.value) ? wanted.value : lookupOverlays.value[0]
)

export function chooseKeyOverlay(overlay: LookupOverlayName): void {
  wanted.value = overlay
}

/** Newest first. */
export const keyRequests = signal<readonly KeyRequest[]>([])

let lastNumber = 0
let runningCount = 0

/** Stores each line of a text as a value under its own hash. */
export function storeLines(text: string): void {
  for (const value of linesOf(text)) add('store', undefined, value)
  startWaiting()
}

/** Looks each line of a text up, which is to be a key. */
export function lookUpLines(text: string): void {
  for (const key of linesOf(text)) add('look-up', key.toLowerCase(), undefined)
  startWaiting()
}

/** Empties the list of what is over. */
export function clearKeyRequests(): void {
  keyRequests.value = keyRequests.value.filter(({ state }) => state === 'waiting' || state === 'running')
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, LISTED_MAX)
}

function add(does: KeyRequest['does'], key: string | undefined, value: string | undefined): void {
  const overlay = keyOverlay.value
  if (overlay === undefined) return
  lastNumber++
  const request: KeyRequest = {
    number: lastNumber,
    overlay,
    does,
    state: 'waiting',
    key,
    value,
    path: [],
    replicas: undefined,
    durationMs: undefined,
    problem: undefined,
  }
  keyRequests.value = [request, ...keyRequests.value].slice(0, LISTED_MAX)
}

function startWaiting(): void {
  const waiting = keyRequests.value.filter(({ state }) => state === 'waiting').reverse()
  for (const request of waiting.slice(0, Math.max(0, RUNNING_MAX - runningCount))) void run(request)
}

async function run(request: KeyRequest): Promise<void> {
  const { number, overlay, does, key = '', value = '' } = request
  const update = (change: Partial<KeyRequest>) => {
    keyRequests.value = keyRequests.value.map((one) => (one.number === number ? { ...one, ...change } : one))
  }
  runningCount++
  update({ state: 'running' })
  try {
    const servent = await whenReady()
    if (does === 'store') {
      const stored = await servent.put(overlay, new TextEncoder().encode(value))
      const { path, durationMs, replicas } = stored
      update({ state: 'done', key: stored.key, path, durationMs, replicas })
    } else if (/^[0-9a-f]{40}$/.test(key)) {
      const { value: bytes, path, durationMs } = await servent.get(overlay, key)
      update({ state: 'done', value: new TextDecoder().decode(bytes), path, durationMs })
    } else {
      update({ state: 'failed', problem: 'A key is 40 hexadecimal digits.' })
    }
  } catch (error) {
    update({ state: 'failed', problem: sentenceOf(error) })
  } finally {
    runningCount--
    startWaiting()
  }
}
