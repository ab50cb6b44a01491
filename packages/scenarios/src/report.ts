import type { ScenarioResult } from './scenario.ts'

/** A line of a report: what, how much, and what that means. */
export type ReportRow = readonly [name: string, value: string, note: string]

/** A result in words. */
export function reportRows(result: ScenarioResult): readonly ReportRow[] {
  const { nodes, queries, messagesPerQuery, nodesReachedPerQuery } = result
  const perNode = nodesReachedPerQuery === 0 ? 0 : messagesPerQuery / nodesReachedPerQuery
  const dropped = Object.entries(result.drops).filter(([, count]) => count > 0)
  return [
    ['nodes reached', amount(nodesReachedPerQuery), `of ${amount(nodes - 1)}, by each of ${amount(queries)} queries`],
    ['recall', `${(100 * result.recall).toFixed(1)} %`, 'of the nodes that have it answered'],
    ['hits', amount(result.hitsPerQuery), 'a query'],
    ['messages', amount(messagesPerQuery), `a query, replies included; ${perNode.toFixed(2)} a node reached`],
    ['duplicates', amount(result.duplicatesPerQuery), 'a query: copies that came where one had been'],
    ['bytes', amount(result.bytesPerQuery), 'a query, on the wire'],
    ['hops', result.meanHops.toFixed(2), 'from the asker to a node, on average'],
    ['dropped', dropped.map(([reason, count]) => `${amount(count)} ${reason}`).join(', ') || 'nothing', ''],
    ['events', amount(result.events), `in ${result.virtualSeconds.toFixed(1)} s of virtual time`],
    ['fingerprint', result.fingerprint, 'of all events, in order'],
  ]
}

/** Rows as text, the columns aligned, and a bar for each number of hops. */
export function toTable(rows: readonly ReportRow[], hopHistogram: readonly number[]): string {
  const nameWidth = Math.max(...rows.map(([name]) => name.length))
  const valueWidth = Math.max(...rows.map(([, value]) => value.length))
  const lines = rows.map(([name, value, note]) =>
    `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${note}`.trimEnd()
  )
  return [...lines, '', ...bars(hopHistogram, nameWidth)].join('\n')
}

const BAR_WIDTH = 40

function bars(counts: readonly number[], nameWidth: number): string[] {
  const most = Math.max(1, ...counts)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count, hops) => {
    const bar = '█'.repeat(Math.ceil((BAR_WIDTH * count) / most))
    const name = hops === 1 ? '1 hop' : `${hops} hops`
    return `${name.padStart(nameWidth)}  ${bar} ${((100 * count) / Math.max(1, total)).toFixed(1)} %`
  })
}

/** A number with at most one decimal and its thousands apart. */
function amount(value: number): string {
  const [whole = '', decimals] = (Math.round(value * 10) / 10).toString().split('.')
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return decimals === undefined ? apart : `${apart}.${decimals}`
}
