/**
 * What needs a browser: sharing files that a person chose, and saving downloads.
 *
 * @packageDocumentation
 */

export { fileBlobContent } from './contents/file-blob-content.ts'
export { blobSink } from './sinks/blob-sink.ts'
export { sinkCapabilities } from './sinks/capabilities.ts'
export { type Deliver, deliverAsDownload, deliverTo } from './sinks/deliver.ts'
export {
  clearOldDownloads,
  discardKept,
  type KeptDownload,
  keptDownloads,
  type OpfsSinkOptions,
  opfsSink,
} from './sinks/opfs-sink.ts'
export { pickerSink } from './sinks/picker-sink.ts'
