/** Why a record is not kept. */
export const RECORD_REFUSALS = [
  /** The value is not the one of the key. */
  'bad-hash',
  /** The key is not that of the owner and the name. */
  'wrong-owner',
  'bad-signature',
  'bad-sequence',
  'value-too-long',
  'name-too-long',
  /** Its time is over, or was never a time. */
  'expired',
  /** It wants to be kept for longer than anything is. */
  'expiry-too-far',
  /** Somebody says that somebody else provides. */
  'not-the-provider',
  /** There is a newer one. */
  'stale-sequence',
  /** As many as there may be under one key. */
  'key-full',
  /** As many as one peer may have stored. */
  'peer-full',
  /** As many as we keep at all. */
  'store-full',
] as const

export type RecordRefusal = (typeof RECORD_REFUSALS)[number]
