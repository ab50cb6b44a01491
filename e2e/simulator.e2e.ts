import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))

/** With randomness in everything that can have it: places, jitter, losses, comings and goings. */
const RUNS: readonly (readonly string[])[] = [
  ['--nodes', '1000', '--queries', '5'],
  ['--nodes', '500', '--queries', '5', '--latency', 'planar:5-120', '--loss', '0.05', '--seed', '-9007199254740991'],
  ['--nodes', '150', '--queries', '5', '--latency', 'uniform:5-120', '--churn', '60', '--seed', '7'],
]

/** The scenarios as one script that leaves a global. */
async function bundle(): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      lib: { entry: `${root}/packages/scenarios/src/index.ts`, formats: ['iife'], name: 'scenarios' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (output === undefined || !('output' in output)) throw new Error('Vite built nothing.')
  return output.output[0].code
}

/** What the command prints of a run in Node. */
async function inNode(args: readonly string[]): Promise<Record<string, unknown>> {
  const sim = `${root}/packages/scenarios/bin/sim.ts`
  const line = ['--conditions=source', sim, 'gnutella-0.4', ...args, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, line)
  return JSON.parse(stdout)
}

test('a worker of a page simulates the same events as Node', async ({ page }) => {
  const script = await bundle()
  await page.goto('about:blank')
  for (const args of RUNS) {
    const expected = await inNode(args)
    const options = Object.fromEntries(
      ['nodes', 'queries', 'latency', 'loss', 'churn', 'seed'].map((name) => [name, expected[name]])
    )
    const result = await page.evaluate(runInWorker, { script, options })
    expect(expected).toMatchObject(result)
    expect(result.fingerprint).toMatch(/^[0-9a-f]{16}$/)
  }
})

/** Runs in the page. */
function runInWorker({ script, options }: { script: string; options: object }): Promise<Record<string, unknown>> {
  const run = `${script};postMessage(scenarios.runScenario('gnutella-0.4', ${JSON.stringify(options)}))`
  const url = URL.createObjectURL(new Blob([run], { type: 'text/javascript' }))
  return new Promise((resolve, reject) => {
    const worker = new Worker(url)
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
  })
}
