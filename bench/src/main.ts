import { parseArgs } from 'node:util'

/** A measurement that runs on demand. */
interface Bench {
  /**
   * Measures and prints: a table, or one JSON object.
   *
   * @param options.args - what follows the bench's name on the command line
   */
  run(options: { readonly json: boolean; readonly args: string[] }): Promise<unknown>
}

/** One file a bench, read only when it is asked for. */
const BENCHES = new Map<string, () => Promise<Bench>>([
  ['hash', () => import('./hash.ts')],
  ['lookup', () => import('./lookup.ts')],
  ['napster', () => import('./napster.ts')],
  ['papers', () => import('./papers.ts')],
  ['route', () => import('./route.ts')],
  ['search', () => import('./search.ts')],
  ['simulator', () => import('./simulator.ts')],
  ['transfer', () => import('./transfer.ts')],
])

const HELP = `Usage: npm run -s bench -- NAME [--json] [options]

Benches
  hash        naming files, both hashes in one pass, beside node:crypto alone
  lookup      a put, a get and a lookup of 40 live nodes in Pastry, Chord, CAN and kad-dht
  napster     a central index of a million songs: memory, inserts, searches, beside a Map of Sets and a scan
  papers      the figures of the papers on structured overlays, beside ours; writes docs/papers.md
  route       queries through one live ultrapeer to thirty leaves, beside gossipsub, floodsub and bare streams
  search      one workload in Gnutella 0.6, in 0.4 with the TTL that finds as much, and in a central index
  simulator   events a second and bytes a node of a Gnutella flood at 10^4, 10^5 and 10^6 nodes
  transfer    downloads from tab to tab beside a bare data channel and WebTorrent, from three slow tabs, and between Node processes

Exit codes: 0 it ran, 1 it failed, 2 the command line is wrong.
`

const [name, ...args] = process.argv.slice(2)
const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } }, strict: false })
const load = BENCHES.get(name ?? '')

if (name === '--help' || name === '-h') {
  process.stdout.write(HELP)
} else if (load === undefined) {
  const what = name === undefined ? 'Say which bench to run' : `There is no bench named ${name}`
  process.stderr.write(`${what}: ${[...BENCHES.keys()].join(', ')}.\n`)
  process.exitCode = 2
} else {
  try {
    const bench = await load()
    await bench.run({ json: values.json === true, args })
  } catch (error) {
    process.stderr.write(`The bench failed: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    process.exitCode = 1
  }
}
