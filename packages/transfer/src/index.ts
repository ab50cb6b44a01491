/**
 * Moves and verifies content over libp2p: names files by what is in them, serves them by HTTP over a stream, and fetches
 * them chunk by chunk, each verified before it is written. Knows no overlay.
 *
 * @packageDocumentation
 */

export { memoryContent } from './contents/memory-content.ts'
export { FolderTooBigError } from './dag/folder-too-big.ts'
export { type ListedFile, listFolder, NotAFolderError } from './dag/list-folder.ts'
export { CHUNK_BYTES, FILE_BYTES_MAX } from './dag/shape.ts'
export { TreeError, WrongBlockError } from './dag/tree-error.ts'
export { Bans } from './download/bans.ts'
export { BlockSource } from './download/block-source.ts'
export { download } from './download/download.ts'
export {
  type Dialer,
  type DownloadConfig,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadRequest,
  type DownloadSummary,
  defaultDownloadConfig,
  type SourcePeer,
  type SourceProgress,
} from './download/options.ts'
export {
  ContentUnreadableError,
  DownloadError,
  type DownloadFailure,
  ReasonedError,
  SinkFailedError,
  SinkFullError,
} from './errors.ts'
export { HTTP_PROTOCOL } from './http/stream.ts'
export { type Identity, identify } from './identify.ts'
export { decodeIdentity, encodeIdentity, IdentityRecordError } from './identity-record.ts'
export { numberedName, safeFileName } from './names.ts'
export { FileServer, type FileServerEvents, type Refusal, type StreamHandlers } from './serve/file-server.ts'
export { defaultServerLimits, RELAYED_BYTES_MAX, type ServerLimits, type UploadLimits } from './serve/limits.ts'
export { type FolderFile, type MadeFolder, makeFolder } from './serve/make-folder.ts'
export type { PartialFile, PartialServer, PartialServing } from './serve/partial-file.ts'
export { sha1Text } from './serve/shared-files.ts'
export type { UploadProgress } from './serve/upload-ledger.ts'
export type { Uploads } from './serve/uploads.ts'
export { BLOB_BYTES_MAX, chooseSink, type SinkCapabilities, type SinkChoice, SMALL_BYTES } from './sinks/choose-sink.ts'
export { MemorySink } from './sinks/memory-sink.ts'
export type { Content, KeptChunks, Sink, SinkFile, TransferOptions, TransferProgress } from './types.ts'
