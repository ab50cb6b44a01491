import type { OverlayName, PushPath } from '../types.ts'

/** What is looked for: words, or a content by its CID, or both; or all that one peer shares. */
export interface Question {
  readonly words: string
  /** PeerId of the one peer that is asked for everything; undefined: all are asked. */
  readonly of?: string
  /** Binary CID: whoever has this content answers, whatever its name. */
  readonly cid: Uint8Array | undefined
  /** Bytes of the content that is looked for, if that is known. */
  readonly size: number | undefined
  /** How far it may travel, in links; undefined: the overlay's own default. */
  readonly ttl: number | undefined
}

/** One file at one peer, as an overlay tells of it. */
export interface Answer {
  /** Already made safe to show. */
  readonly name: string
  readonly size: number
  /** Binary CID; undefined if the answer does not say. */
  readonly cid: Uint8Array | undefined
  /** 20 bytes. */
  readonly sha1: Uint8Array | undefined
  /** PeerId as text; undefined if the answer does not say, as of genuine servents of other networks. */
  readonly peer: string | undefined
  readonly hops: number
  readonly push: PushPath | undefined
}

/** Told while a question is out. Nothing is told after `Asked.forget`. */
export interface AnswerListener {
  onAnswer(answer: Answer): void
  /** Nothing more will come: all is said, or the overlay has failed with a sentence. */
  onDone(problem?: string): void
}

/** A question that is out. */
export interface Asked {
  /** Messages that this peer has sent for it, and that came back for it. */
  readonly sentCount: number
  readonly receivedCount: number
  /** PeerIds that a look-up went through, from ourselves on. Undefined for a search, which goes everywhere. */
  readonly path?: readonly string[]
  /** Takes no more answers. */
  forget(): void
}

/** An overlay as a search sees it: Gnutella's flood and Napster's index answer the same question. */
export interface SearchOverlay {
  readonly name: OverlayName
  /** Sends a question. The listener is not told before this returns. */
  ask(question: Question, listener: AnswerListener): Asked
}
