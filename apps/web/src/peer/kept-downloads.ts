import type { Wanted } from '@servent/servent'
import { settled } from './database.ts'
import { holdLock } from './locks.ts'
import type { ChosenPlace } from './saving.ts'

/** A download that is not over, as it outlives its tab. Any tab of the browser can go on with it. */
export interface KeptDownload {
  /** CID as text: a browser fetches a content once at a time. */
  readonly cid: string
  /** What was found, and who was said to have it. */
  readonly hit: Wanted
  /** Undefined: the browser's own folder of downloads. */
  readonly place: ChosenPlace | undefined
  /** A person stopped it, or it cannot go on without one: it stays so after a reload. */
  readonly isPaused: boolean
  /** When it was begun, in milliseconds since 1970: the order of the list. */
  readonly addedAtMs: number
}

/** Sources kept of one download. Ours: more are found again by asking. */
const SOURCES_MAX = 32
/** Downloads kept. Ours: as many as a list shows. */
const DOWNLOADS_MAX = 100

const DATABASE = 'servent-downloads'
const STORE = 'downloads'

let opening: Promise<IDBDatabase | undefined> | undefined

/** The downloads that are not over, oldest first. None where the browser keeps nothing. */
export async function readKeptDownloads(): Promise<readonly KeptDownload[]> {
  const database = await opened()
  if (database === undefined) return []
  const values: readonly unknown[] = await settled(database.transaction(STORE).objectStore(STORE).getAll())
  return values.filter(isKeptDownload).sort((a, b) => a.addedAtMs - b.addedAtMs)
}

/** One of them; undefined when it is over. */
export async function readKeptDownload(cid: string): Promise<KeptDownload | undefined> {
  const database = await opened()
  if (database === undefined) return undefined
  const value: unknown = await settled(database.transaction(STORE).objectStore(STORE).get(cid))
  return isKeptDownload(value) ? value : undefined
}

/** Keeps a download, or what has changed of it. */
export async function keepDownload(download: KeptDownload): Promise<void> {
  const database = await opened()
  if (database === undefined) return
  const store = database.transaction(STORE, 'readwrite').objectStore(STORE)
  const isThere = (await settled(store.getKey(download.cid))) !== undefined
  if (!isThere && (await settled(store.count())) >= DOWNLOADS_MAX) return
  const sources = download.hit.sources.slice(0, SOURCES_MAX)
  await settled(store.put({ ...download, hit: { ...download.hit, sources } } satisfies KeptDownload))
}

/** The download is over. */
export async function forgetDownload(cid: string): Promise<void> {
  const database = await opened()
  if (database !== undefined) await settled(database.transaction(STORE, 'readwrite').objectStore(STORE).delete(cid))
}

/** How long to wait for another tab: not at all, or until the signal fires. */
export type OwnOptions = { readonly ifAvailable: true } | { readonly signal: AbortSignal }

/**
 * Makes a download this tab's own until the returned function is called or the tab has gone. Undefined when another tab has it, and does not
 * let go before the signal fires. Where the browser has no locks nothing outlives a tab either, and there is nothing to clash over.
 */
export async function ownDownload(cid: string, options: OwnOptions): Promise<(() => void) | undefined> {
  if (navigator.locks === undefined) return () => undefined
  return holdLock(navigator.locks, lockName(cid), options)
}

/** Tells of each content whether any tab fetches it, or has it paused. */
export async function heldDownloads(): Promise<(cid: string) => boolean> {
  const { held = [] } = await navigator.locks.query()
  const names = new Set(held.map(({ name }) => name))
  return (cid) => names.has(lockName(cid))
}

function lockName(cid: string): string {
  return `servent-download-of-${cid}`
}

function opened(): Promise<IDBDatabase | undefined> {
  opening ??= open()
  return opening
}

async function open(): Promise<IDBDatabase | undefined> {
  try {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'cid' })
    return await settled(request)
  } catch (error) {
    console.warn('IndexedDB cannot be used; downloads will not be resumed after a reload.', error)
    return undefined
  }
}

/** Another version of the page may have written it. */
function isKeptDownload(value: unknown): value is KeptDownload {
  if (typeof value !== 'object' || value === null) return false
  const { cid, hit, isPaused, addedAtMs } = value as Partial<Record<keyof KeptDownload, unknown>>
  return typeof cid === 'string' && isWanted(hit) && typeof isPaused === 'boolean' && typeof addedAtMs === 'number'
}

function isWanted(value: unknown): value is Wanted {
  if (typeof value !== 'object' || value === null) return false
  const { cid, name, size, sources } = value as Partial<Record<keyof Wanted, unknown>>
  return typeof cid === 'string' && typeof name === 'string' && Number.isSafeInteger(size) && Array.isArray(sources)
}
