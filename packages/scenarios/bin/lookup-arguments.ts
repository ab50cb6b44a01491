import { parseArgs } from 'node:util'
import {
  checkLookupOptions,
  completeLookupOptions,
  DEFAULT_LOOKUP_OPTIONS,
  JOINS,
  LOOKUP_SCENARIOS,
  type LookupOptions,
} from '@servent/scenarios'

/** The options that are numbers. */
const NUMBERS = ['nodes', 'lookups', 'keys', 'seed', 'loss', 'fail', 'churn', 'dimensions', 'realities'] as const

const OPTIONS = {
  nodes: { type: 'string' },
  lookups: { type: 'string' },
  keys: { type: 'string' },
  seed: { type: 'string' },
  latency: { type: 'string' },
  loss: { type: 'string' },
  fail: { type: 'string' },
  churn: { type: 'string' },
  joins: { type: 'string' },
  still: { type: 'boolean' },
  iterative: { type: 'boolean' },
  dimensions: { type: 'string' },
  realities: { type: 'string' },
  uniform: { type: 'boolean' },
  'rtt-weighted': { type: 'boolean' },
  wire: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const { nodes, lookups, keys, fail, joins } = DEFAULT_LOOKUP_OPTIONS

/** What is added to the help of the command. */
export const LOOKUP_HELP = `
Structured overlays
${[...LOOKUP_SCENARIOS.values()].map(({ name, description }) => `  ${name.padEnd(16)}${description}`).join('\n')}

Their options beside --nodes (${nodes}), --seed, --latency, --loss, --churn, --wire and --json
  --lookups L     lookups of random keys, each node asking once in ten seconds (${lookups})
  --keys K        values that are put before and looked for again (${keys})
  --fail P        which part of the nodes crashes at once, 0 to 0.9 (${fail}); half of the lookups follow at once, half 30 s later
  --joins HOW     ${JOINS.join(' or ')}: nodes begin with the tables they should have, or join one after the other (${joins})
  --still         nobody keeps up its tables: a picture of one moment, as it is with more than 100,000 nodes unless --no-still
  --iterative     the asker goes from node to node itself, if the overlay can
  --dimensions D, --realities R, --uniform, --rtt-weighted
                  of CAN (${DEFAULT_LOOKUP_OPTIONS.dimensions} and ${DEFAULT_LOOKUP_OPTIONS.realities}): its torus, and what its paper adds in §3
`

/** What a command line for a structured overlay asks for: options, or one sentence that says what is wrong. */
export function readLookupArguments(args: readonly string[]): { options: LookupOptions; json: boolean } | string {
  let values: ReturnType<typeof parse>
  try {
    values = parse(args)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return `${text.split(/\.\s|\n/)[0]}.`.replace('..', '.')
  }
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {}
  for (const name of NUMBERS) {
    const text = values[name]
    if (text === undefined) continue
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isNaN(number)) return `--${name} takes a number, not ${text === '' ? 'nothing' : text}.`
    numbers[name] = number
  }
  const chosen = JOINS.find((each) => each === (values.joins ?? joins))
  if (chosen === undefined) return `--joins takes ${JOINS.join(' or ')}, not ${values.joins}.`
  const { latency = DEFAULT_LOOKUP_OPTIONS.latency, still, iterative = false, wire = false, json = false } = values
  const { uniform = false, 'rtt-weighted': rttWeighted = false } = values
  const options = completeLookupOptions({
    ...numbers,
    latency,
    joins: chosen,
    iterative,
    uniform,
    rttWeighted,
    wire,
    ...(still === undefined ? {} : { still }),
  })
  const complaint = checkLookupOptions(options)
  return complaint === undefined ? { options, json } : `--${complaint}`
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowNegative: true }).values
}
