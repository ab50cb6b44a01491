import type { PeerIdentity } from './network.ts'
import type { LookupOverlayName } from './search.ts'

/** How a request to a structured overlay went. */
export interface LookupReport {
  readonly overlay: LookupOverlayName
  /** What was looked for: 40 hexadecimal digits. */
  readonly key: string
  /** The peers that it went through, from ourselves to who answered. */
  readonly path: readonly PeerIdentity[]
  /** Contacts on the way that did not answer. */
  readonly timeouts: number
  readonly durationMs: number
}

/** A value is kept by others. */
export interface StoredValue extends LookupReport {
  /** How many peers said that they keep it. */
  readonly replicas: number
}

/** A value that others kept. */
export interface FoundValue extends LookupReport {
  readonly value: Uint8Array
}
