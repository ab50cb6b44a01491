/**
 * What a peer with a file system does besides: shares a folder as it is at any time, and keeps files for others.
 *
 * @packageDocumentation
 */
export { FolderShare, type FolderShareListener } from './disk/folder-share.ts'
export { BUDGET_BYTES_DEFAULT, parseBytes } from './keeper/budget.ts'
export { Keeper, type KeeperListener, type KeeperOptions } from './keeper/keeper.ts'
export { KeeperError, type KeeperFailure } from './keeper/keeper-error.ts'
export type { KeptFile } from './keeper/kept-index.ts'
export { KeptStore, type KeptStoreOptions, type KeptTarget } from './keeper/kept-store.ts'
