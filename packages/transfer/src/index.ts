export type { Content, Sink, TransferOptions, TransferProgress } from './types.ts'
