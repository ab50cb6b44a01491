/**
 * A whole peer: one libp2p node, the overlays that are on, what it shares, and its transfers.
 *
 * @packageDocumentation
 */
export { BOOTSTRAP_INFO_PATH, type BootstrapInfo } from './bootstrap-info.ts'
export { FolderError, type FolderFailure } from './fetch/folder-error.ts'
export { createPrivateKey, identityOf, nameOf } from './identity.ts'
export { formatLink, parseLink } from './link.ts'
export { LookupError } from './overlays/lookup-overlay.ts'
export { ProbeError } from './probe/prober.ts'
export { createServent } from './servent.ts'
export { LibraryFullError } from './shares.ts'
export type * from './types.ts'
