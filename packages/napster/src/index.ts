/**
 * Napster: a central index of what peers share, after OpenNap. Two machines of one protocol: the index server, and the
 * client, which tells it what it shares and asks it who shares what. Files go from peer to peer.
 *
 * Sources: OpenNap's "napster.txt" (2000, 2001), and a session captured from OpenNap 0.36.
 *
 * @packageDocumentation
 */

export { checkConfig, type NapsterConfig } from './config.ts'
export { DROP_REASONS, type DropReason, type Drops } from './drops.ts'
export type * from './events.ts'
export { type ClientState, IndexClient, type TransferReport } from './index-client.ts'
export { IndexServer } from './index-server.ts'
export type * from './messages.ts'
export { nickOf } from './nick.ts'
export { napster } from './protocol.ts'
export type { SearchOptions } from './search.ts'
export { type FoundSong, SongIndex, type SongIndexOptions, type SongQuery } from './song-index.ts'
