import { parseArgs } from 'node:util'
import {
  checkOptions,
  DEFAULT_OPTIONS,
  defaultsOf,
  isWorkloadName,
  LATENCY_HELP,
  LOOKUP_SCENARIOS,
  SCENARIOS,
  type ScenarioOptions,
  WORKLOAD_HELP,
} from '@servent/scenarios'
import { LOOKUP_HELP } from './lookup-arguments.ts'

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly sentence: string }
  | { readonly kind: 'run'; readonly scenario: string; readonly options: ScenarioOptions; readonly json: boolean }

/** The names of all scenarios. */
const ALL = [...SCENARIOS.keys(), ...LOOKUP_SCENARIOS.keys()]

/** The options that are numbers, by the name they have on the command line. */
const NUMBERS = {
  nodes: 'nodes',
  degree: 'degree',
  ttl: 'ttl',
  queries: 'queries',
  seed: 'seed',
  loss: 'loss',
  churn: 'churn',
  leaves: 'leaves',
  'fail-ultrapeers': 'failUltrapeers',
} as const

const NUMBER_NAMES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]

const OPTIONS = {
  nodes: { type: 'string' },
  degree: { type: 'string' },
  ttl: { type: 'string' },
  queries: { type: 'string' },
  seed: { type: 'string' },
  latency: { type: 'string' },
  loss: { type: 'string' },
  churn: { type: 'string' },
  workload: { type: 'string' },
  leaves: { type: 'string' },
  'fail-ultrapeers': { type: 'string' },
  grown: { type: 'boolean' },
  wire: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

export const HELP = `Usage: npm run -s sim -- SCENARIO [options]

Runs an experiment in virtual time and prints what it measured.

Scenarios
${[...SCENARIOS.values()].map(({ name, description }) => `  ${name.padEnd(16)}${description}`).join('\n')}

Options (with their defaults)
  --nodes N       nodes (${DEFAULT_OPTIONS.nodes})
  --degree D      neighbors of a node, on average (${DEFAULT_OPTIONS.degree})
  --ttl T         links that a query may travel (${DEFAULT_OPTIONS.ttl})
  --queries Q     queries, one after the other (${DEFAULT_OPTIONS.queries})
  --seed S        a whole number; the same one gives the same run (${DEFAULT_OPTIONS.seed})
  --latency L     how long messages take (${DEFAULT_OPTIONS.latency}):
                  ${LATENCY_HELP}
  --loss P        which part of the messages is lost, 0 to 1 (${DEFAULT_OPTIONS.loss})
  --churn S       half of the sessions are over after S seconds of virtual time; 0: nobody leaves (${DEFAULT_OPTIONS.churn})
  --workload W    who shares what (${DEFAULT_OPTIONS.workload}; gnutella-0.6: ${defaultsOf('gnutella-0.6').workload}):
                  ${WORKLOAD_HELP}
  --wire          pass each message through encode and decode; the fingerprint stays the same
  --json          print one JSON object instead of a table
  --help          print this

Options of gnutella-0.6, where --degree counts links of an ultrapeer to others (${defaultsOf('gnutella-0.6').degree}) and --ttl is for
each step of a dynamic query (${defaultsOf('gnutella-0.6').ttl})
  --leaves L      leaves of an ultrapeer, on average (${DEFAULT_OPTIONS.leaves}); each leaf has three ultrapeers
  --fail-ultrapeers P
                  which part of the ultrapeers crashes at once, 0 to 0.9 (${DEFAULT_OPTIONS.failUltrapeers}); all queries are asked before and after
  --grown         let nodes that know a few others find their neighbors and roles themselves
${LOOKUP_HELP}
Exit codes: 0 it ran, 1 it failed, 2 the command line is wrong.
`

/** Reads a command line: what it asks for, or one sentence that says what is wrong with it. */
export function readArguments(args: readonly string[]): Command {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return wrong(sentenceOf(error))
  }
  const { values, positionals } = parsed
  if (values.help === true) return { kind: 'help' }
  const [scenario, ...more] = positionals
  if (scenario === undefined) return wrong(`Say which scenario to run: ${ALL.join(', ')}.`)
  if (more.length > 0) return wrong(`One scenario at a time, please: ${more.join(' ')} is too much.`)
  if (!SCENARIOS.has(scenario)) {
    return wrong(`There is no scenario named ${scenario}; there is ${ALL.join(', ')}.`)
  }
  const numbers: Partial<Record<keyof ScenarioOptions, number>> = {}
  for (const name of NUMBER_NAMES) {
    const text = values[name]
    if (text === undefined) continue
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isNaN(number)) return wrong(`--${name} takes a number, not ${text === '' ? 'nothing' : text}.`)
    numbers[NUMBERS[name]] = number
  }
  const defaults = defaultsOf(scenario)
  const { latency = defaults.latency, workload = defaults.workload, wire = false, grown = false, json = false } = values
  if (!isWorkloadName(workload)) return wrong(`--workload takes ${WORKLOAD_HELP}, not ${workload}.`)
  const options = { ...defaults, ...numbers, latency, workload, wire, grown }
  const complaint = checkOptions(options)
  return complaint === undefined ? { kind: 'run', scenario, options, json } : wrong(`--${withOptionName(complaint)}`)
}

function parse(args: readonly string[]) {
  return parseArgs({ args: joinNegative(args), options: OPTIONS, allowPositionals: true, strict: true })
}

/** A complaint about an option, under the name that it has on the command line. */
function withOptionName(complaint: string): string {
  return complaint.replace(/^\w+/, (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
}

/** `--seed -7` as `--seed=-7`: a number that begins with a dash is no option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const last = joined.at(-1)
    if (/^-[\d.]/.test(arg) && last?.startsWith('--')) joined[joined.length - 1] = `${last}=${arg}`
    else joined.push(arg)
  }
  return joined
}

function wrong(sentence: string): Command {
  return { kind: 'wrong', sentence: `${sentence} Try --help.` }
}

/** The first sentence of what `parseArgs` says: the rest is advice about arguments that begin with a dash. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [first = text] = text.split(/\.\s|\n/)
  return first.endsWith('.') ? first : `${first}.`
}
