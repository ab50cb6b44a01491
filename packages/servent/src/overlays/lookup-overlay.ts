import type { CID } from 'multiformats/cid'
import type { LookupOverlayName } from '../types.ts'

/** Peers that a request went through, and what did not answer. */
export interface Way {
  /** PeerIds from ourselves to whoever answered, in order. */
  readonly path: readonly string[]
  /** Contacts on the way that did not answer. */
  readonly timeouts: number
}

/** Told while providers are looked for. */
export interface ProviderListener {
  onProvider(peerId: string): void
  /** The way that the question took, as far as it has come. */
  onWay(way: Way): void
}

/**
 * A structured overlay as the servent sees it: keys instead of words. Pastry, Chord and CAN are of one kind, Kademlia is the
 * ecosystem's; here all are the same.
 */
export interface LookupOverlay {
  readonly name: LookupOverlayName
  /** @throws LookupError, or the signal's reason */
  provide(cid: CID, signal: AbortSignal): Promise<void>
  stopProviding(cid: CID): Promise<void>
  /**
   * Resolves when nobody else can be asked.
   *
   * @throws LookupError, or the signal's reason
   */
  findProviders(cid: CID, listener: ProviderListener, signal: AbortSignal): Promise<void>
  /** @throws LookupError, or the signal's reason */
  put(value: Uint8Array, signal: AbortSignal): Promise<Way & { readonly replicas: number }>
  /** @throws LookupError, or the signal's reason */
  get(key: Uint8Array, signal: AbortSignal): Promise<Way & { readonly value: Uint8Array }>
}

/** Thrown when a request to a structured overlay comes to nothing. `message` is a sentence for a person. */
export class LookupError extends Error {
  override readonly name = 'LookupError'
  /** Whether the overlay worked and there is nothing under the key. */
  readonly isNotFound: boolean

  constructor(message: string, options: ErrorOptions & { readonly isNotFound?: boolean } = {}) {
    super(message, options)
    this.isNotFound = options.isNotFound ?? false
  }
}
