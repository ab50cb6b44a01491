import { signal } from '@preact/signals'
import type { ProbeFinding, ProbeReport } from '@servent/servent'
import { formatCount, formatDuration } from '../ui/format.ts'
import { overlayTitle } from './overlay-words.ts'
import { isMet } from './overlays.ts'
import { whenReady } from './peer.ts'
import { sentenceOf } from './problems.ts'

/** Whether others find a file that is shared here, as far as that is known. */
export type Findable =
  | { readonly phase: 'asking' }
  | { readonly phase: 'known'; readonly report: ProbeReport }
  | { readonly phase: 'unknown'; readonly problem: string }

/** By CID. */
export const findables = signal<ReadonlyMap<string, Findable>>(new Map())

/** Has another peer look for a file that is shared here. */
export async function askWhetherFindable(cid: string): Promise<void> {
  if (findables.value.get(cid)?.phase === 'asking') return
  tell(cid, { phase: 'asking' })
  try {
    tell(cid, { phase: 'known', report: await (await whenReady()).probe(cid) })
  } catch (error) {
    console.warn('Nobody looked for the file', error)
    tell(cid, { phase: 'unknown', problem: sentenceOf(error) })
  }
}

/** What another peer found, in a sentence; and one an overlay. */
export function findableLines({ by, findings }: ProbeReport): {
  readonly all: string
  readonly each: readonly string[]
} {
  const asked = findings.filter(({ overlay }) => isMet(overlay))
  const count = asked.filter(({ state }) => state === 'found').length
  const all =
    count === 0
      ? `${by.name} looked for it and did not find it. What is new takes a moment to be known: ask again in a minute.`
      : `Yes: ${by.name} looked for it, and found it by ${count} of ${formatCount(asked.length, 'overlay')}.`
  return { all, each: asked.map(lineOf) }
}

function lineOf({ overlay, state, hops, afterMs }: ProbeFinding): string {
  const title = overlayTitle(overlay)
  if (state === 'failed') return `${title} could not be asked from there.`
  if (state === 'not-found') return `${title} did not find it.`
  const after = afterMs === undefined ? '' : ` after ${formatDuration(afterMs)}`
  return `${title} found it${after}${hops === undefined ? '' : `, over ${formatCount(hops, 'hop')}`}.`
}

function tell(cid: string, findable: Findable): void {
  findables.value = new Map(findables.value).set(cid, findable)
}
