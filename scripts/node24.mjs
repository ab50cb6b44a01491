// node24.mjs FILE.ts ARGS… | bin:NAME ARGS…
//
// Runs a TypeScript file, or a command of one of our dependencies, on Node 24 with the packages' sources instead of their
// builds, and installs the dependencies first where they are missing. Needs nothing but the system's Node 20 and npm.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, environment, node24, root } from './install.mjs'
import { run } from './process.mjs'

/**
 * The script behind a command in node_modules/.bin, which is itself a shell script and would start the system's Node.
 *
 * @param {string} name
 */
function commandEntry(name) {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(own.devDependencies)) {
    const folder = join(root, 'node_modules', dependency)
    const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const entry = typeof bin === 'string' ? (dependency.split('/').at(-1) === name ? bin : undefined) : bin[name]
    if (entry !== undefined) return join(folder, entry)
  }
  throw new Error(`No dependency of the root package has a command named ${name}.`)
}

const [target, ...args] = process.argv.slice(2)
if (target === undefined) {
  process.stderr.write('Usage: node scripts/node24.mjs FILE.ts|bin:NAME ARGS…\n')
  process.exit(2)
}
try {
  await ensureInstalled()
  const file = target.startsWith('bin:') ? commandEntry(target.slice('bin:'.length)) : target
  process.exitCode = await run(node24, ['--conditions=source', file, ...args], { env: environment() })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
