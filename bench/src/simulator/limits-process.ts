import { measureLimits } from './limits.ts'

// A process of its own, so that its memory and its compiled code are nobody else's.
const [pending, bytes] = process.argv.slice(2).map(Number)
process.stdout.write(JSON.stringify(measureLimits(pending ?? 0, bytes ?? 0)))
