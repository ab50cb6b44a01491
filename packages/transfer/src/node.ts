/**
 * What needs Node: sharing files and folders, writing downloads to disk, and giving what is shared over plain HTTP.
 *
 * @packageDocumentation
 */

export { type FileContentOptions, fileContent } from './contents/file-content.ts'
export { type FolderContents, folderContents } from './contents/folder-contents.ts'
export type { FolderProblem } from './contents/folder-listing.ts'
export { watchFolder } from './contents/folder-watch.ts'
export type { FolderWatch, WatchListener } from './contents/watch-listener.ts'
export { Gateway, type GatewayRefusal } from './gateway/gateway.ts'
export { type GatewayAddress, type GatewayServer, startGateway } from './gateway/gateway-server.ts'
export { defaultGatewayLimits, type GatewayLimits } from './gateway/limits.ts'
export { IdentityCache, type IdentityCacheOptions } from './identities/identity-cache.ts'
export { takeProcessLock } from './process-lock.ts'
export { replaceFile } from './replace-file.ts'
export { type FileSink, fileSink, fileSinkIn, pathIn } from './sinks/file-sink.ts'
