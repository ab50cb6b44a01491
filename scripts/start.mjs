// npm start: installs, builds the page and starts the bootstrap node, which prints the page's URL. Arguments go to it:
// npm start -- --port 8081
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, environment, node24, root } from './install.mjs'
import { run } from './process.mjs'

/** What the page is made of: when none of it is newer than the built page, that is still right. */
const SOURCES = ['apps/web', 'packages', 'pnpm-lock.yaml']
const NOT_SOURCES = new Set(['node_modules', 'dist', 'dist-types', 'test'])

/**
 * When the newest file of a folder changed, in milliseconds since 1970; 0 if there is none.
 *
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  const names = readdirSync(path).filter((name) => !NOT_SOURCES.has(name))
  return names.reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0)
}

async function buildPage() {
  const built = statSync(join(root, 'apps/web/dist/index.html'), { throwIfNoEntry: false })
  if (built !== undefined && built.mtimeMs > Math.max(...SOURCES.map((source) => newest(join(root, source))))) return
  process.stderr.write('Building the page…\n')
  const startedAt = performance.now()
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const code = await run(node24, [vite, 'build', join(root, 'apps/web'), '--logLevel', 'warn'], { env: environment() })
  if (code !== 0) throw new Error(`Could not build the page: see above (exit code ${code}).`)
  process.stderr.write(`Built the page in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}

try {
  await ensureInstalled()
  await buildPage()
  process.stderr.write('Starting the bootstrap node…\n')
  const main = join(root, 'apps/bootstrap/src/main.ts')
  process.exitCode = await run(node24, ['--conditions=source', main, ...process.argv.slice(2)], { env: environment() })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
