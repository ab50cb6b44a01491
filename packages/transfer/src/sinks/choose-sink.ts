/** What a browser offers for saving a file. */
export interface SinkCapabilities {
  /** `showSaveFilePicker` is there and the page wants to ask the person for a place. */
  readonly hasSavePicker: boolean
  /** The origin private file system is there and can be written to from the page. */
  readonly hasOpfs: boolean
  /** Bytes that the origin may still store; undefined when the browser does not say. */
  readonly freeBytes: number | undefined
}

/** How to save a file; `none` comes with a sentence for a person. */
export type SinkChoice =
  | { readonly kind: 'picker' }
  | { readonly kind: 'opfs' }
  | { readonly kind: 'blob' }
  | { readonly kind: 'none'; readonly reason: string }

/** Files up to this size go through memory first: quickest, and an ordinary download to the person. 16 MiB, ours. */
export const SMALL_BYTES = 16 * 1_048_576

/** Files up to this size may go through memory where there is nothing better. 512 MiB, ours: what a tab can be asked to hold. */
export const BLOB_BYTES_MAX = 512 * 1_048_576

/** Chooses the best way to save a file of `size` bytes: never through one big buffer if the browser has another way. */
export function chooseSink(capabilities: SinkCapabilities, size: number): SinkChoice {
  if (size <= SMALL_BYTES) return { kind: 'blob' }
  if (capabilities.hasSavePicker) return { kind: 'picker' }
  if (capabilities.hasOpfs && size <= (capabilities.freeBytes ?? Number.POSITIVE_INFINITY)) return { kind: 'opfs' }
  if (size <= BLOB_BYTES_MAX) return { kind: 'blob' }
  const reason = capabilities.hasOpfs
    ? 'There is not enough space for this file.'
    : 'This browser cannot save files larger than 512 MiB.'
  return { kind: 'none', reason }
}
