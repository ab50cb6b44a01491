// One measurement, in a process of its own: process.ts '{"contestant": …}'. Prints one JSON object.
import { CONTESTANTS, type RoundOptions } from './contestants.ts'
import { measure } from './measure.ts'

const options: RoundOptions = JSON.parse(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify(await measure(CONTESTANTS[options.contestant], options))}\n`)
// Nodes of the ecosystem may leave timers behind that would keep the process.
process.exit()
