import { keyFromBytes } from '@servent/keyspace'
import { OverlayRequestError, type StructuredService } from '@servent/libp2p-host'
import type { Peer } from '@servent/machine'
import { type FailureReason, hashedValue, keyOfContent, RECORD_LIMITS, type StructuredMachine } from '@servent/records'
import type { CID } from 'multiformats/cid'
import type { LookupOverlayName } from '../types.ts'
import { LookupError, type LookupOverlay, type ProviderListener, type Way } from './lookup-overlay.ts'

/** What the services of Pastry, Chord and CAN have in common, whatever their messages. */
export type AnyStructuredService = Pick<
  StructuredService<{ readonly type: string }, object, StructuredMachine<{ readonly type: string }>>,
  'provide' | 'cancelReprovide' | 'findProvidersOf' | 'putRecord' | 'getRecords' | 'afterStart' | 'beforeStop'
>

/** Ours: values that people put are kept for a day, as provider records are. */
const VALUE_TTL_MS = Math.min(24 * 3_600_000, RECORD_LIMITS.ttlMsMax)

/** Why a request came to nothing, for a person. */
const SENTENCES: Readonly<Partial<Record<FailureReason, string>>> = {
  'no-contacts': 'knows nobody else yet.',
  timeout: 'got no answer in time.',
  'not-found': 'has nothing under this key.',
  'too-many-requests': 'has too many requests under way.',
  stopped: 'has been stopped.',
}

/** Pastry, Chord or CAN. */
export class StructuredOverlay implements LookupOverlay {
  readonly name: Exclude<LookupOverlayName, 'kademlia'>
  readonly #title: string
  readonly #service: AnyStructuredService

  constructor(name: Exclude<LookupOverlayName, 'kademlia'>, title: string, service: AnyStructuredService) {
    this.name = name
    this.#title = title
    this.#service = service
  }

  async provide(cid: CID, signal: AbortSignal): Promise<void> {
    await this.#asSentence(this.#service.provide(cid, { signal }))
  }

  async stopProviding(cid: CID): Promise<void> {
    await this.#service.cancelReprovide(cid)
  }

  async findProviders(cid: CID, listener: ProviderListener, signal: AbortSignal): Promise<void> {
    const onProgress = ({ detail }: { readonly detail: object }): void => {
      if ('path' in detail) listener.onWay(toWay(detail as FoundWay))
    }
    const key = keyOfContent(cid.multihash.bytes)
    for await (const peer of this.#service.findProvidersOf(key, { signal, onProgress })) {
      listener.onProvider(String(peer))
    }
  }

  async put(value: Uint8Array, signal: AbortSignal): Promise<Way & { readonly replicas: number }> {
    const done = await this.#asSentence(this.#service.putRecord(hashedValue(value, VALUE_TTL_MS), { signal }))
    return { ...toWay(done), replicas: done.replicas }
  }

  async get(key: Uint8Array, signal: AbortSignal): Promise<Way & { readonly value: Uint8Array }> {
    const done = await this.#asSentence(this.#service.getRecords(keyFromBytes(key), { signal }))
    const [record] = done.values
    if (record === undefined) throw new LookupError(`${this.#title} ${SENTENCES['not-found']}`, { isNotFound: true })
    return { ...toWay(done), value: record.value }
  }

  /** Joins. As libp2p would do it for a service that it has from the start. */
  start(): Promise<void> {
    return this.#service.afterStart()
  }

  stop(): Promise<void> {
    return this.#service.beforeStop()
  }

  async #asSentence<Done>(request: Promise<Done>): Promise<Done> {
    try {
      return await request
    } catch (error) {
      if (!(error instanceof OverlayRequestError)) throw error
      const reason = error.reason as FailureReason
      const why = SENTENCES[reason] ?? `refused (${reason}).`
      throw new LookupError(`${this.#title} ${why}`, { cause: error, isNotFound: reason === 'not-found' })
    }
  }
}

interface FoundWay {
  readonly path: readonly Peer[]
  readonly timeouts: number
}

function toWay({ path, timeouts }: FoundWay): Way {
  return { path: path.map(String), timeouts }
}
