// node24.mjs FILE.ts ARGS… | bin:NAME ARGS…
//
// Runs a TypeScript file, or a command of one of our dependencies, on Node 24 with the packages' sources instead of their
// builds, and installs the dependencies first where they are missing. Needs nothing but the system's Node 20 and npm.
import { join } from 'node:path'
import { ensureInstalled, environment, node24, root } from './install.mjs'
import { run } from './process.mjs'

const [target, ...args] = process.argv.slice(2)
if (target === undefined) {
  process.stderr.write('Usage: node scripts/node24.mjs FILE.ts|bin:NAME ARGS…\n')
  process.exit(2)
}
try {
  await ensureInstalled()
  const file = target.startsWith('bin:') ? join(root, 'node_modules', '.bin', target.slice('bin:'.length)) : target
  process.exitCode = await run(node24, ['--conditions=source', file, ...args], { env: environment() })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
