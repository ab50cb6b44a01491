import { sha1Text } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import { identityOf } from '../identity.ts'
import type { Answer } from '../overlays/search-overlay.ts'
import type { Finding, Hit, OverlayName, PushPath, Source } from '../types.ts'

/** Ours: contents of one search; more than anybody reads. Gnutella itself takes no more results for one query. */
const HITS_MAX = 1000
/** Ours: peers kept of one content: a download wants a few, a person none beyond the first. */
const SOURCES_MAX = 64

/**
 * Puts the answers of all overlays to one question together: one hit a content, by its CID, with one source a peer. An
 * answer that gives only a SHA-1 joins the content that has it.
 */
export class HitMerger {
  readonly #hits = new Map<string, Hit>()
  readonly #cidOfSha1 = new Map<string, string>()
  readonly #aloneCounts = new Map<OverlayName, number>()
  readonly #wantedCid: string | undefined
  #sourceCount = 0

  /** @param wantedCid - the one content that is looked for; undefined: whatever is found */
  constructor(wantedCid: string | undefined) {
    this.#wantedCid = wantedCid
  }

  get hitCount(): number {
    return this.#hits.size
  }

  /** Peers, counted once a content. */
  get sourceCount(): number {
    return this.#sourceCount
  }

  /** How many sources only this overlay told of. */
  foundAloneCount(overlay: OverlayName): number {
    return this.#aloneCounts.get(overlay) ?? 0
  }

  /**
   * Takes an answer. Returns the hit with it; undefined if it tells nothing new, is not what was looked for, does not say
   * who has it, or there are too many.
   */
  take(answer: Answer, overlay: OverlayName, afterMs: number): Hit | undefined {
    const sha1 = answer.sha1 && sha1Text(answer.sha1)
    const cid = (answer.cid && readCid(answer.cid)) ?? (sha1 && this.#cidOfSha1.get(sha1))
    if (cid === undefined || answer.peer === undefined) return undefined
    if (this.#wantedCid !== undefined && cid !== this.#wantedCid) return undefined
    const finding: Finding = { overlay, hops: answer.hops, afterMs }
    const known = this.#hits.get(cid)
    const hit = known === undefined ? this.#add(cid, sha1, answer, finding) : extend(known, sha1, answer, finding)
    if (hit === undefined) return undefined
    this.#hits.set(cid, hit)
    if (sha1 !== undefined && !this.#cidOfSha1.has(sha1)) this.#cidOfSha1.set(sha1, cid)
    this.#count(hit, known, answer.peer)
    return hit
  }

  #count(hit: Hit, known: Hit | undefined, peerId: string): void {
    const isNewSource = hit.sources.length > (known?.sources.length ?? 0)
    if (isNewSource) this.#sourceCount++
    const findings = hit.sources.find(({ peer }) => peer.id === peerId)?.findings
    if (findings === undefined || findings.length > 2) return
    // The first to tell of a source was alone with it until the second did.
    const { overlay } = findings[0]
    this.#aloneCounts.set(overlay, this.foundAloneCount(overlay) + (isNewSource ? 1 : -1))
  }

  #add(cid: string, sha1: string | undefined, answer: Answer, finding: Finding): Hit | undefined {
    if (this.#hits.size >= HITS_MAX) return undefined
    return { cid, name: answer.name, size: answer.size, sha1, sources: [toSource(answer, finding)] }
  }
}

/** The hit with one more source or one more finding of a source; undefined if neither is new. */
function extend(hit: Hit, sha1: string | undefined, answer: Answer, finding: Finding): Hit | undefined {
  const at = hit.sources.findIndex(({ peer }) => peer.id === answer.peer)
  const known = hit.sources[at]
  const withSha1 = { ...hit, sha1: hit.sha1 ?? sha1 }
  if (known === undefined) {
    if (hit.sources.length >= SOURCES_MAX) return undefined
    return { ...withSha1, sources: [...hit.sources, toSource(answer, finding)] }
  }
  if (known.findings.some(({ overlay }) => overlay === finding.overlay)) return undefined
  const source: Source = {
    ...known,
    findings: [...known.findings, finding],
    pushPaths: withPath(known.pushPaths, answer.push),
  }
  const [first, ...rest] = hit.sources.with(at, source)
  return first && { ...withSha1, sources: [first, ...rest] }
}

function toSource({ peer = '', push }: Answer, finding: Finding): Source {
  return { peer: identityOf(peer), findings: [finding], pushPaths: withPath([], push) }
}

function withPath(paths: readonly PushPath[], path: PushPath | undefined): readonly PushPath[] {
  return path === undefined || paths.some(({ overlay }) => overlay === path.overlay) ? paths : [...paths, path]
}

function readCid(bytes: Uint8Array): string | undefined {
  try {
    return CID.decode(bytes).toString()
  } catch {
    // From the network, and the CID library throws a different error for each thing that can be wrong.
    return undefined
  }
}
