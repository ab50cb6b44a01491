import { type LookupOptions, runLookups } from '@servent/scenarios'
import type { FigureRow } from './figure.ts'

/** Churn: half-lives in seconds, and the part of the lookups that has to be right. */
const HALF_LIVES = [
  [900, 0.999],
  [300, 0.99],
  [84, 0.95],
] as const

/** Nodes that fail at once, and the part of the lookups that has to be right then and half a minute later. */
const FAILURES = [
  [0.3, 0.95, 0.999],
  [0.5, 0.85, 0.99],
] as const

/** How an overlay is tried. */
interface Trial {
  readonly overlay: 'can' | 'chord' | 'pastry'
  readonly options: Partial<LookupOptions>
  /** Values that are put before nodes fail. */
  readonly keys: number
}

/** What every structured overlay has to reach, whatever its paper says: 1,000 nodes that come and go, or fail at once. */
export function upkeepRows({ overlay, options, keys }: Trial, isQuick: boolean): FigureRow[] {
  const lookups = isQuick ? 2000 : 10_000
  const churn = HALF_LIVES.map(
    ([halfLife, paper]): FigureRow => ({
      what: `part of the lookups that is right, half-life of sessions ${halfLife} s`,
      paper,
      ours: runLookups(overlay, { ...options, lookups, churn: halfLife }).success,
      tolerance: 'at least',
    })
  )
  const failures = FAILURES.flatMap(([fail, atOnce, later]) => {
    const result = runLookups(overlay, { ...options, lookups, keys: isQuick ? 200 : keys, fail })
    const what = `${100 * fail} % failed`
    const rows: FigureRow[] = [
      { what: `right at once, ${what}`, paper: atOnce, ours: result.atOnce?.success ?? 0, tolerance: 'at least' },
      { what: `right after 30 s, ${what}`, paper: later, ours: result.later?.success ?? 0, tolerance: 'at least' },
    ]
    // Of half the nodes, all eight that keep a key fail with one key in 256.
    if (fail === 0.3) {
      const found = result.values?.foundLater ?? 0
      rows.push({ what: `keys found after 30 s, ${what}`, paper: 0.999, ours: found, tolerance: 'at least' })
    }
    return rows
  })
  return [...churn, ...failures]
}
