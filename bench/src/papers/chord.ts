import { chordChurn, chordFailure, chordLoad, chordPathLength, runLookups } from '@servent/scenarios'
import type { FigureRow, PaperFigure } from './figure.ts'
import { upkeepRows } from './upkeep.ts'

const PAPER =
  'Stoica et al., "Chord: A Scalable Peer-to-peer Lookup Protocol for Internet Applications", IEEE/ACM ToN 11(1) 2003'
const SEED = 1

/** Forwards to the predecessor by number of nodes, read off Figure 10, and over how many rings ours are taken. */
const PATH_LENGTHS = [
  [2 ** 6, 2.94, 40],
  [2 ** 8, 3.9, 20],
  [2 ** 10, 4.88, 8],
  [2 ** 12, 5.86, 4],
  [2 ** 14, 6.86, 2],
] as const

/** Figure 10 (b), read off: the part of the lookups at 2^12 nodes by forwards, from 1. */
const SHARES = [0.0032, 0.0179, 0.057, 0.1287, 0.2123, 0.2253, 0.1937, 0.1094, 0.0411]

/** Table II: the part that has failed, path and timeouts. */
const FAILURES = [
  [0, 3.84, 0],
  [0.1, 4.03, 0.6],
  [0.2, 4.22, 1.17],
  [0.3, 4.44, 2.02],
  [0.4, 4.69, 3.23],
  [0.5, 5.09, 5.1],
] as const

/** Table III: joins (and departures) a second, path, timeouts, failures of 10,000. */
const CHURN = [
  [0.05, 3.9, 0.05, 0],
  [0.1, 3.83, 0.11, 0],
  [0.15, 3.84, 0.16, 2],
  [0.2, 3.81, 0.23, 5],
  [0.25, 3.83, 0.3, 6],
  [0.3, 3.91, 0.34, 8],
  [0.35, 3.94, 0.42, 16],
  [0.4, 4.06, 0.46, 15],
] as const

/** Figure 9, read off: virtual nodes, first and 99th percentile of the keys of a node. */
const LOADS = [
  [1, 0, 477],
  [2, 7, 347],
  [5, 24, 220],
  [10, 38, 186],
  [20, 50, 161],
] as const

export const CHORD_FIGURES: readonly PaperFigure[] = [
  {
    name: 'chord-path',
    title: 'Chord, Figure 10: forwards to the predecessor of a key by number of nodes',
    source: `${PAPER}; read off the drawing`,
    setup:
      'fingers and one successor, random keys from random nodes. Rings of 64 nodes differ by .04 from one another: ours is the mean of forty, the paper has one',
    rows: (isQuick) => PATH_LENGTHS.map(([nodes, paper, rings]) => pathLength(nodes, paper, isQuick ? 1 : rings)),
  },
  {
    name: 'chord-distribution',
    title: 'Chord, Figure 10: forwards at 4,096 nodes',
    source: `${PAPER}; read off the drawing`,
    setup: 'as above',
    rows(isQuick) {
      const { shares } = chordPathLength({ nodes: 4096, rings: isQuick ? 1 : 4, lookups: 10_000, seed: SEED })
      return SHARES.map((paper, i) => ({
        what: `part of the lookups with ${i + 1} ${i === 0 ? 'forward' : 'forwards'}`,
        paper,
        ours: shares[i + 1] ?? 0,
        tolerance: { within: 0.01 },
      }))
    },
  },
  {
    name: 'chord-failure',
    title: 'Chord, Table II: lookups when nodes have failed at once',
    source: `${PAPER}; printed`,
    setup: '1,000 nodes with 20 successors, iterative, nobody has stabilized since; five rings of 2,000 lookups',
    rows: (isQuick) => FAILURES.flatMap((row) => failure(row, isQuick ? 1 : 5)),
  },
  {
    name: 'chord-churn',
    title: 'Chord, Table III: lookups while nodes join and leave',
    source: `${PAPER}; printed`,
    setup:
      '1,000 nodes at the beginning with 20 successors; everybody stabilizes, and looks one finger up anew, each 15 to 45 seconds; 10,000 lookups, iterative. There are fewer failures, for a request that comes too far is handed back to the predecessor, and fewer timeouts, for fingers that the successor list reaches cost no round',
    rows: (isQuick) => (isQuick ? CHURN.slice(0, 1) : CHURN).flatMap((row) => churn(row, isQuick ? 500 : 10_000)),
  },
  {
    name: 'chord-load',
    title: 'Chord, Figure 9: keys of a node by virtual nodes',
    source: `${PAPER}; read off the drawing`,
    setup: '10,000 nodes, 1,000,000 keys',
    rows: (isQuick) => (isQuick ? LOADS.slice(0, 2) : LOADS).flatMap(load),
  },
  {
    name: 'chord-million',
    title: 'Chord at a million nodes',
    source: 'no paper: the law ½ log2 N - ½ log2 r + 1 of its §V-D, for r = 20',
    setup: 'tables that nodes should have, 100,000 lookups',
    rows(isQuick) {
      if (isQuick) return []
      const { meanHops, success } = runLookups('chord', {
        nodes: 1_000_000,
        lookups: 100_000,
        still: true,
        seed: SEED,
      })
      return [
        { what: 'nodes asked', paper: 8.81, ours: meanHops, tolerance: { within: 0.1 } },
        { what: 'part of the lookups that is right', paper: 1, ours: success, tolerance: 'at least' },
      ]
    },
  },
  {
    name: 'chord-upkeep',
    title: 'Chord under churn, and when many fail at once',
    source: 'what this overlay has to reach',
    setup: '1,000 nodes, 10,000 lookups of random keys; half of those that leave crash',
    rows: (isQuick) => upkeepRows({ overlay: 'chord', options: { seed: SEED }, keys: 3000 }, isQuick),
  },
]

function pathLength(nodes: number, paper: number, rings: number): FigureRow {
  const { mean } = chordPathLength({ nodes, rings, lookups: Math.min(100 * nodes, 10_000), seed: SEED })
  return { what: `${nodes.toLocaleString('en')} nodes`, paper, ours: mean, tolerance: { within: 0.05 } }
}

function failure([fail, path, timeouts]: (typeof FAILURES)[number], rings: number): FigureRow[] {
  const figure = chordFailure({ fail, rings, lookups: 2000, seed: SEED })
  const which = `${100 * fail} % failed`
  return [
    { what: `path, ${which}`, paper: path, ours: figure.mean, tolerance: { within: 0.06 } },
    { what: `timeouts, ${which}`, paper: timeouts, ours: figure.meanTimeouts, tolerance: { part: 0.25 } },
    { what: `lookups that failed, ${which}`, paper: 0, ours: figure.failures, tolerance: 'at most' },
  ]
}

function churn([rate, path, timeouts, failures]: (typeof CHURN)[number], lookups: number): FigureRow[] {
  const figure = chordChurn({ rate, lookups, seed: SEED })
  const which = `${rate} a second`
  return [
    { what: `path, ${which}`, paper: path, ours: figure.mean, tolerance: { within: 0.2 } },
    { what: `timeouts, ${which}`, paper: timeouts, ours: figure.meanTimeouts, tolerance: { timesAtMost: 2 } },
    { what: `failures, ${which}`, paper: failures, ours: figure.failures, tolerance: { timesAtMost: 2 } },
  ]
}

function load([virtualNodes, low, high]: (typeof LOADS)[number]): FigureRow[] {
  const { p1, p99 } = chordLoad({ nodes: 10_000, keys: 1_000_000, virtualNodes, seed: SEED })
  const which = `${virtualNodes} virtual ${virtualNodes === 1 ? 'node' : 'nodes'}`
  return [
    { what: `first percentile, ${which}`, paper: low, ours: p1, tolerance: { within: 4 } },
    { what: `99th percentile, ${which}`, paper: high, ours: p99, tolerance: { part: 0.08 } },
  ]
}
