import type { AbortOptions } from '@libp2p/interface'
import type { PeerIdentity } from './network.ts'

/** The overlays that answer searches by words. */
export type SearchOverlayName = 'gnutella' | 'napster'

/** The overlays that find by identifier: a key, a content, a peer. */
export type LookupOverlayName = 'pastry' | 'chord' | 'can' | 'kademlia'

export type OverlayName = SearchOverlayName | LookupOverlayName

/** How an overlay found a file at a peer. */
export interface Finding {
  readonly overlay: OverlayName
  /** How many links the question traveled: 1 to a neighbor, and 1 to a central index, whoever has the file. */
  readonly hops: number
  /** Milliseconds from the question to this answer. */
  readonly afterMs: number
}

/** A peer that has the content of a hit. */
export interface Source {
  readonly peer: PeerIdentity
  /** One an overlay that told of it, in order of arrival. */
  readonly findings: readonly [Finding, ...Finding[]]
  /** How it can be asked to connect to us, if we cannot connect to it: at most one an overlay. */
  readonly pushPaths: readonly PushPath[]
}

/** Which file of whom, in an overlay's own words: Gnutella's Push, Napster's alternate download request. */
export type PushPath =
  | { readonly overlay: 'gnutella'; readonly serventId: string; readonly fileIndex: number }
  | { readonly overlay: 'napster'; readonly nick: string; readonly fileName: string }

/**
 * One content that answers a search, with everybody found so far who has it. Names are from the network: already stripped,
 * still only to be shown as text.
 */
export interface Hit {
  /** CID as text: what makes two answers the same hit. */
  readonly cid: string
  /** The name that it was found under first. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Base32, as in `urn:sha1:`. */
  readonly sha1: string | undefined
  /** In order of arrival. */
  readonly sources: readonly [Source, ...Source[]]
}

/** What a link names. */
export interface LinkTarget {
  readonly cid: string
  readonly name: string
  /** Bytes; undefined when the link does not say. */
  readonly size: number | undefined
}

/** How one overlay is doing with a search. */
export interface OverlayProgress {
  readonly overlay: OverlayName
  readonly state: 'asking' | 'done' | 'failed'
  /** Why it could not be asked, or could not finish: a sentence. */
  readonly problem: string | undefined
  /** Messages that this peer sent for the search, and that came back for it. What others passed on for us nobody sees. */
  readonly sentCount: number
  readonly receivedCount: number
  /** Files of peers that it found, each counted once. */
  readonly foundCount: number
  /** Of those, what no other overlay has found. */
  readonly foundAloneCount: number
  /** The fewest and the most links that a question with an answer traveled; 0 before the first. */
  readonly hopsMin: number
  readonly hopsMax: number
  /** Milliseconds to the first answer. */
  readonly firstAfterMs: number | undefined
  /** Of a look-up: the peers that it went through, from ourselves on, as far as it has come. Empty for a search. */
  readonly path: readonly PeerIdentity[]
}

/** How a search is doing: a snapshot. */
export interface SearchProgress {
  /** One an overlay that is asked, in the order asked for. */
  readonly overlays: readonly OverlayProgress[]
  /** Contents found. */
  readonly hitCount: number
  /** Peers that have them, counted once a content. */
  readonly sourceCount: number
}

export interface SearchOptions extends AbortOptions {
  /** Whom to ask. Default: every overlay that is on and can answer. */
  overlays?: readonly OverlayName[]
  /** Told at the start, with each answer, and when an overlay is done. */
  onProgress?: (progress: SearchProgress) => void
  /** How far the query may travel, in links, where that is the asker's to say. Default 7, from the specification of Gnutella. */
  ttl?: number
  /** How long to wait for hits, in milliseconds. Default 5 000. Ends sooner when every overlay is done. */
  waitMs?: number
}

/** Somebody else's question came by in Gnutella. */
export interface QuerySeen {
  /** Stripped, and still only to be shown as text. */
  readonly words: string
  /** Links that it had traveled. */
  readonly hops: number
  /** Files of ours that answered it. */
  readonly answerCount: number
  /** The neighbor that handed it to us: who asked nobody knows. */
  readonly from: PeerIdentity
}
