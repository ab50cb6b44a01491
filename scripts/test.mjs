// npm test: everything, from the installation to the last browser test. --only NAME runs one step (and what it needs).

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBrowser, ensureFirefox } from './browser.mjs'
import { ensureInstalled, environment, root } from './install.mjs'
import { run } from './process.mjs'

/**
 * @typedef {object} Step
 * @property {string} name - for `--only` and the summary
 * @property {string} does - what it does, in words
 * @property {() => Promise<void>} act - throws an Error with a sentence for a person
 * @property {readonly string[]} [needs] - steps that `--only` runs before it
 */

/** @type {Step[]} */
const STEPS = [
  { name: 'install', does: 'the dependencies', act: ensureInstalled },
  { name: 'browser', does: 'browsers to test with', act: browser },
  { name: 'lint', does: 'lint and format (Biome)', act: () => tool('biome', 'ci', '--error-on-warnings', '.') },
  { name: 'unused', does: 'unused files, exports and dependencies (knip)', act: () => tool('knip') },
  { name: 'types', does: 'types of the sources and of the tests (tsc)', act: types },
  { name: 'unit', does: 'unit tests (Vitest)', act: () => tool('vitest', 'run') },
  { name: 'page', does: 'build the page (Vite)', act: () => tool('vite', 'build', join(root, 'apps/web')) },
  {
    name: 'e2e',
    does: 'end to end, in browsers (Playwright)',
    needs: ['browser', 'page'],
    act: () => tool('playwright', 'test', '--config', join(root, 'e2e/playwright.config.ts')),
  },
]

async function browser() {
  const path = await ensureBrowser(say)
  process.env.SERVENT_BROWSER = path
  const firefox = await ensureFirefox(say)
  say(`Testing with ${path} and ${firefox ?? 'without Firefox: none can be had here, so its tests are not run'}`)
}

async function types() {
  await tool('tsc', '--build')
  await tool('tsc', '--project', join(root, 'tsconfig.test.json'))
}

/**
 * Runs a command of our dependencies on Node 24.
 *
 * @param {string} name
 * @param {...string} args
 */
async function tool(name, ...args) {
  const code = await run(process.execPath, [join(root, 'scripts/node24.mjs'), `bin:${name}`, ...args], {
    env: environment(),
  })
  if (code !== 0) throw new Error(`${name} ended with exit code ${code}: see above.`)
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}

/** @param {string | undefined} only */
function chosen(only) {
  if (only === undefined) return STEPS
  const step = STEPS.find(({ name }) => name === only)
  if (step === undefined) {
    process.stderr.write(`There is no step ${only}; there are: ${STEPS.map(({ name }) => name).join(', ')}.\n`)
    process.exit(2)
  }
  const needed = new Set(['install', ...(step.needs ?? []), step.name])
  return STEPS.filter(({ name }) => needed.has(name))
}

/** @param {number} since */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const steps = chosen(values.only)
process.chdir(root)
/** @type {string[]} */
const summary = []
let passed = 0
let failed = 0
for (const step of steps) {
  say(`\n── ${step.name}: ${step.does}`)
  const startedAt = performance.now()
  try {
    await step.act()
    passed++
    summary.push(`  passed  ${step.name.padEnd(8)} ${seconds(startedAt)}`)
  } catch (error) {
    failed++
    summary.push(`  FAILED  ${step.name.padEnd(8)} ${seconds(startedAt)}`)
    process.stderr.write(`\nThe step ${step.name} failed. ${error instanceof Error ? error.message : error}\n`)
    break
  }
}
for (const step of steps.slice(passed + failed)) summary.push(`  not run ${step.name}`)
say(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
