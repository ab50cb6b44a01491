import {
  createLookups,
  LOOKUP_SCENARIOS,
  lookupReportRows,
  type ReportRow,
  reportRows,
  type ScenarioOptions,
  toTable,
} from '@servent/scenarios'
import { HELP, readArguments } from './arguments.ts'
import { readLookupArguments } from './lookup-arguments.ts'
import { type Cost, measure, measureExperiment } from './measure.ts'
import { Progress } from './progress.ts'

const EXIT_FAILED = 1
const EXIT_WRONG_ARGUMENTS = 2

const [first = '', ...others] = process.argv.slice(2)
if (LOOKUP_SCENARIOS.has(first) && !others.includes('--help') && !others.includes('-h')) runLookups(first, others)
else runSearch(process.argv.slice(2))

function runSearch(args: readonly string[]): void {
  const command = readArguments(args)
  if (command.kind === 'help') process.stdout.write(HELP)
  else if (command.kind === 'wrong') refuse(command.sentence)
  else run(command.scenario, command.options, command.json)
}

function runLookups(overlay: string, args: readonly string[]): void {
  const command = readLookupArguments(args)
  if (typeof command === 'string') return refuse(`${command} Try --help.`)
  const { options, json } = command
  show(json, (onProgress) => {
    const result = measureExperiment(() => createLookups(overlay, options), options.nodes, onProgress)
    if (json) return JSON.stringify(result)
    const rows = [...lookupReportRows(result), ...costRows(result)]
    return `${overlay}, ${options.nodes} nodes, seed ${options.seed}\n\n${toTable(rows, result.hopHistogram)}`
  })
}

function run(scenario: string, options: ScenarioOptions, json: boolean): void {
  show(json, (onProgress) => {
    const result = measure(scenario, options, onProgress)
    if (json) return JSON.stringify(result)
    const rows = [...reportRows(result), ...costRows(result)]
    return `${result.overlay}, ${options.nodes} nodes, seed ${options.seed}\n\n${toTable(rows, result.hopHistogram)}`
  })
}

/** Runs an experiment, showing how far it is unless only its result is wanted, and prints what it gives. */
function show(json: boolean, experiment: (onProgress: (done: number, events: number) => void) => string): void {
  const progress = json ? undefined : new Progress(process.stderr)
  try {
    const text = experiment((done, events) => progress?.show(done, events))
    progress?.end()
    process.stdout.write(`${text}\n`)
  } catch (error) {
    progress?.end()
    process.stderr.write(`The experiment failed: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    process.exitCode = EXIT_FAILED
  }
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = EXIT_WRONG_ARGUMENTS
}

function costRows(cost: Cost): readonly ReportRow[] {
  return [
    [
      'speed',
      (cost.eventsPerSecond / 1e6).toFixed(2),
      `million events a second; ${cost.wallSeconds.toFixed(1)} s in all`,
    ],
    [
      'memory',
      cost.bytesPerNode.toString(),
      `bytes a node; ${Math.round(cost.peakRssBytes / 2 ** 20)} MiB at most in all`,
    ],
  ]
}
