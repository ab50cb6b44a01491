import type { ReportRow } from '../report.ts'
import type { LookupFindings, LookupResult } from './result.ts'

/** A result in words. */
export function lookupReportRows(result: LookupResult): readonly ReportRow[] {
  const { atOnce, later, values, messagesPerLookup, messagesPerJoin } = result
  const dropped = Object.entries(result.drops).filter(([, count]) => count > 0)
  const rows: ReportRow[] = [
    ...findingRows('', result),
    ...(atOnce === undefined ? [] : findingRows(', at once', atOnce)),
    ...(later === undefined ? [] : findingRows(', later', later)),
    ['upkeep', result.maintenanceMessagesPerNodePerSecond.toFixed(3), 'messages a node and second, before the lookups'],
  ]
  if (messagesPerLookup !== undefined) rows.push(['messages', messagesPerLookup.toFixed(2), 'a lookup'])
  if (messagesPerJoin !== undefined)
    rows.push(['join', messagesPerJoin.toFixed(0), 'messages a node, until all had joined'])
  if (values !== undefined) {
    rows.push([
      'values',
      percent(values.found),
      `of ${values.keys} found, each kept by ${values.replicas.toFixed(2)} nodes`,
    ])
    if (values.foundLater !== undefined)
      rows.push(['values later', percent(values.foundLater), 'found half a minute after'])
  }
  rows.push(
    ['dropped', dropped.map(([reason, count]) => `${count} ${reason}`).join(', ') || 'nothing', ''],
    ['events', String(result.events), `in ${result.virtualSeconds.toFixed(1)} s of virtual time`],
    ['fingerprint', result.fingerprint, 'of all events, in order']
  )
  return rows
}

function findingRows(when: string, findings: LookupFindings): ReportRow[] {
  const { lookups, success, wrong, meanHops, meanTimeouts, latencyMs } = findings
  return [
    [`right${when}`, percent(success), `of ${lookups} lookups; ${percent(wrong)} led to another node`],
    [
      `hops${when}`,
      meanHops.toFixed(3),
      `nodes asked, the responsible one included; ${meanTimeouts.toFixed(3)} did not answer`,
    ],
    [`latency${when}`, latencyMs.p50.toFixed(0), `ms for half of them; 95 %: ${latencyMs.p95.toFixed(0)} ms`],
  ]
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`
}
