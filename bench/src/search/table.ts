import type { SearchReport, SearchRun } from '../search.ts'

const NAME_WIDTH = 28
const COLUMN_WIDTH = 16

/** Overlays side by side, a line a figure. */
export function searchTable({ node, cpu, nodes, queries, seed, ratio, overlays, flood }: SearchReport): string {
  const rows: readonly (readonly [name: string, value: (run: SearchRun) => string])[] = [
    ['', ({ overlay }) => overlay],
    ['messages a query', (run) => amount(run.messagesPerQuery)],
    ['bytes a query', (run) => amount(run.bytesPerQuery)],
    ['bytes a node and second', (run) => amount(run.bytesPerNodePerSecond)],
    ['results wanted, a query', (run) => amount(run.resultsPerQuery)],
    ['results, a query', (run) => amount(run.hitsPerQuery)],
    ['recall of those wanted', (run) => percent(run.recallWanted)],
    ['recall of rare files', (run) => percent(run.recallRare)],
    ['first result, median', (run) => `${amount(run.latencyMs.p50)} ms`],
    ['first result, 95 %', (run) => `${amount(run.latencyMs.p95)} ms`],
    ['nodes reached', (run) => amount(run.nodesReachedPerQuery)],
    ['leaves reached', (run) => amount(run.leavesReachedPerQuery)],
    ['of them without a match', (run) => percent(run.leavesReachedWithoutMatch)],
    ['which is of all leaves', (run) => percent(run.leavesReachedInVain)],
  ]
  const lines = rows.map(([name, value]) =>
    [name.padEnd(NAME_WIDTH), ...overlays.map((run) => value(run).padStart(COLUMN_WIDTH))].join('')
  )
  const ttls = flood.map(({ ttl, resultsPerQuery }) => `${ttl}: ${amount(resultsPerQuery)}`).join(', ')
  return [
    `Node ${node}, ${cpu}; ${nodes} nodes, ${queries} queries, seed ${seed}`,
    ...lines,
    `0.4 sends ${amount(ratio)} times as many messages as 0.6. Its results by TTL: ${ttls}`,
    '',
  ].join('\n')
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}
