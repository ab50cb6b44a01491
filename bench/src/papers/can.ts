import { canNeighbors, canVolumeShares, runLookups } from '@servent/scenarios'
import type { FigureRow, PaperFigure } from './figure.ts'
import { upkeepRows } from './upkeep.ts'

const PAPER = 'Ratnasamy, Francis, Handley, Karp and Shenker, "A scalable content-addressable network", SIGCOMM 2001'
const SEED = 1
const LOOKUPS = 10_000
const LOOKUPS_QUICK = 2000

/** Mean hops in two dimensions by the logarithm of the number of nodes: Figure 4 and, for the last, Table 4. */
const HOPS = [
  [10, 13.0],
  [14, 50.6],
  [16, 99],
  [18, 198],
] as const

/** Dimensions, and mean hops at 2^14 nodes as a part of the (d / 4) n^(1 / d) of equal zones. */
const DIMENSIONS = [
  [3, 0.83],
  [4, 0.85],
  [5, 0.89],
] as const

/** Mean hops in two dimensions and two realities, read off Figure 5. */
const TWO_REALITIES = [
  [10, 4.59],
  [16, 18.4],
  [18, 28.84],
] as const

/** CAN as it runs live. */
const LIVE = { dimensions: 4, uniform: true, latency: 'pair:20-80', seed: SEED } as const

export const CAN_FIGURES: readonly PaperFigure[] = [
  {
    name: 'can-hops',
    title: 'CAN, Figure 4: mean hops in two dimensions',
    source: `${PAPER}; read off the drawing and, for 2^18 nodes, printed in Table 4`,
    setup: 'nodes joined one after the other at random points, nothing of its §3; 10,000 lookups of random keys',
    rows: (isQuick) =>
      HOPS.filter(([exponent]) => !isQuick || exponent <= 14).map(([exponent, paper]) => ({
        what: `2^${exponent} nodes`,
        paper,
        ours: hops(exponent, 2, 1, isQuick),
        tolerance: { part: 0.04 },
      })),
  },
  {
    name: 'can-dimensions',
    title: 'CAN, Figure 4: mean hops in more dimensions, 2^14 nodes',
    source: `${PAPER}; read off the drawing, as parts of the (d / 4) n^(1 / d) of its §2.1`,
    setup: 'as before',
    rows: (isQuick) =>
      DIMENSIONS.map(([dimensions, part]) => ({
        what: `${dimensions} dimensions`,
        paper: part * (dimensions / 4) * 2 ** (14 / dimensions),
        ours: hops(14, dimensions, 1, isQuick),
        tolerance: { part: 0.04 },
      })),
  },
  {
    name: 'can-realities',
    title: 'CAN, Figure 5: mean hops in two dimensions and two realities',
    source: `${PAPER}; read off the drawing`,
    setup: 'as before; a neighbor is judged by its zones in both realities',
    rows: (isQuick) =>
      TWO_REALITIES.filter(([exponent]) => !isQuick || exponent <= 10).map(([exponent, paper]) => ({
        what: `2^${exponent} nodes`,
        paper,
        ours: hops(exponent, 2, 2, isQuick),
        tolerance: { part: 0.07 },
      })),
  },
  {
    name: 'can-zones',
    title: 'CAN, Figure 9 and Table 4: zones and neighbors',
    source: `${PAPER}; the shares read off the drawing, the neighbors printed`,
    setup:
      '2^16 nodes in three dimensions for the shares, V being the whole by the number of nodes; 2^18 nodes in two for the neighbors',
    rows: zones,
  },
  {
    name: 'can-churn',
    title: 'CAN under churn, and when many fail at once',
    source: 'what this overlay has to reach',
    setup:
      '1,000 nodes in four dimensions with uniform partitioning, 10,000 lookups of random keys; right is who owns the point when nobody else does; half of those that leave crash',
    rows: (isQuick) => upkeepRows({ overlay: 'can', options: LIVE, keys: 1000 }, isQuick),
  },
]

function hops(exponent: number, dimensions: number, realities: number, isQuick: boolean): number {
  const lookups = isQuick ? LOOKUPS_QUICK : LOOKUPS
  const options = { nodes: 2 ** exponent, lookups, dimensions, realities, still: true, seed: SEED }
  return runLookups('can', options).meanHops
}

function zones(isQuick: boolean): FigureRow[] {
  const nodes = isQuick ? 2 ** 12 : 2 ** 16
  const options = { nodes, dimensions: 3, seed: SEED }
  const bare = canVolumeShares({ ...options, uniform: false })
  const uniform = canVolumeShares({ ...options, uniform: true })
  const largest = Math.max(...uniform.keys())
  const neighbors = canNeighbors({ nodes: isQuick ? 2 ** 12 : 2 ** 18, dimensions: 2, uniform: false, seed: SEED })
  return [
    { what: 'part of the zones with volume V', paper: 0.4, ours: bare.get(1) ?? 0, tolerance: { within: 0.05 } },
    {
      what: 'part of the zones with volume V, uniform partitioning',
      paper: 0.8,
      ours: uniform.get(1) ?? 0,
      tolerance: 'at least',
    },
    { what: 'largest zone in V, uniform partitioning', paper: 2, ours: largest, tolerance: 'at most' },
    { what: 'neighbors', paper: 4.57, ours: neighbors, tolerance: { part: 0.02 } },
  ]
}
