import { type ReportRow, reportRows, type ScenarioOptions, toTable } from '@servent/scenarios'
import { HELP, readArguments } from './arguments.ts'
import { type Cost, measure } from './measure.ts'
import { Progress } from './progress.ts'

const EXIT_FAILED = 1
const EXIT_WRONG_ARGUMENTS = 2

const command = readArguments(process.argv.slice(2))
if (command.kind === 'help') {
  process.stdout.write(HELP)
} else if (command.kind === 'wrong') {
  process.stderr.write(`${command.sentence}\n`)
  process.exitCode = EXIT_WRONG_ARGUMENTS
} else {
  run(command.scenario, command.options, command.json)
}

function run(scenario: string, options: ScenarioOptions, json: boolean): void {
  const progress = json ? undefined : new Progress(process.stderr)
  try {
    const result = measure(scenario, options, (done, events) => progress?.show(done, events))
    progress?.end()
    const text = json
      ? JSON.stringify(result)
      : `${result.overlay}, ${options.nodes} nodes, seed ${options.seed}\n\n${toTable([...reportRows(result), ...costRows(result)], result.hopHistogram)}`
    process.stdout.write(`${text}\n`)
  } catch (error) {
    progress?.end()
    process.stderr.write(`The experiment failed: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    process.exitCode = EXIT_FAILED
  }
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
