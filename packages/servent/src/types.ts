/** What a servent takes and tells. */
export type { Content, Sink, TransferProgress, UploadLimits } from '@servent/transfer'
export type * from './types/folder.ts'
export type * from './types/lookup.ts'
export type * from './types/network.ts'
export type * from './types/options.ts'
export type * from './types/search.ts'
export type * from './types/servent.ts'
export type * from './types/transfer.ts'
