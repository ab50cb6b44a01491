// One round, in a process of its own: process.ts '{"contestant": …}'. Prints one JSON object.
import { CONTESTANTS, type ContestantName } from './contestants.ts'
import { type MeasureOptions, measure } from './measure.ts'

const options: MeasureOptions & { readonly contestant: ContestantName } = JSON.parse(process.argv[2] ?? '')
const contestant = await CONTESTANTS[options.contestant]()
process.stdout.write(`${JSON.stringify(await measure(contestant, options))}\n`)
// Nodes that have stopped leave timers behind.
process.exit()
