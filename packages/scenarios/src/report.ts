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
    ['recall', percent(result.recall), 'of the nodes that have it answered'],
    [
      'rare files',
      percent(result.recallRare),
      `is the recall of ${amount(result.rareQueries)} queries for what few have`,
    ],
    [
      'first result',
      amount(result.latencyMs.p50),
      `ms for half of the queries; 95 %: ${amount(result.latencyMs.p95)} ms`,
    ],
    ['hits', amount(result.hitsPerQuery), 'a query'],
    ['messages', amount(messagesPerQuery), `a query, replies included; ${perNode.toFixed(2)} a node reached`],
    ['duplicates', amount(result.duplicatesPerQuery), 'a query: copies that came where one had been'],
    ['bytes', amount(result.bytesPerQuery), 'a query, on the wire'],
    ['traffic', amount(result.bytesPerNodePerSecond), 'bytes a node and second, with queries as people ask them'],
    [
      'in vain',
      percent(result.leavesReachedInVain),
      `of all leaves; ${amount(result.leavesReachedPerQuery)} are reached`,
    ],
    ...ultrapeerRows(result),
    ['hops', result.meanHops.toFixed(2), 'from the asker to a node, on average'],
    ['dropped', dropped.map(([reason, count]) => `${amount(count)} ${reason}`).join(', ') || 'nothing', ''],
    ['events', amount(result.events), `in ${result.virtualSeconds.toFixed(1)} s of virtual time`],
    ['fingerprint', result.fingerprint, 'of all events, in order'],
  ]
}

function ultrapeerRows({ ultrapeers, leavesPerUltrapeer, tableFill, failure }: ScenarioResult): readonly ReportRow[] {
  const rows: ReportRow[] = []
  if (ultrapeers !== undefined) {
    const note = `with ${amount(leavesPerUltrapeer ?? 0)} leaves each, tables ${percent(tableFill ?? 0)} full`
    rows.push(['ultrapeers', amount(ultrapeers), note])
  }
  if (failure !== undefined) {
    const { crashed, recoverySeconds, recallBefore, recallAfter } = failure
    const seconds = recoverySeconds === undefined ? 'never' : amount(recoverySeconds)
    rows.push(['recovered', seconds, `s after ${amount(crashed)} ultrapeers crashed, until each leaf had one again`])
    rows.push(['recall then', percent(recallAfter), `of the results wanted; before it was ${percent(recallBefore)}`])
  }
  return rows
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
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
