// The dependencies: there, complete and as the lockfile says, before anything else runs.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { run } from './process.mjs'

/** The root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const modules = join(root, 'node_modules')

/** Node 24, from the npm package `node`: the system's may be too old for js-libp2p. */
export const node24 = join(modules, 'node', 'bin', 'node')

/** The environment for everything we start: Node 24 before the system's, then the commands of our dependencies. */
export function environment() {
  const path = [dirname(node24), join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter)
  return { ...process.env, PATH: path }
}

/**
 * Installs the dependencies unless they are as the lockfile says. Its output goes to stderr: stdout belongs to the command.
 *
 * @throws Error with a sentence for a person
 */
export async function ensureInstalled() {
  if (isInstalled()) return
  const unlock = await lock()
  try {
    if (isInstalled()) return
    const manager = String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager)
    process.stderr.write(`Installing the dependencies with ${manager} (a minute or two the first time)…\n`)
    const args = ['--yes', manager, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false']
    const code = await run('npx', args, { stdout: 'stderr', env: { ...process.env, INIT_CWD: root } })
    if (code !== 0) throw new Error(`Could not install the dependencies: see what pnpm says above (exit code ${code}).`)
    if (!isInstalled())
      throw new Error('The dependencies were installed, but not as pnpm-lock.yaml says: run it again.')
  } finally {
    unlock()
  }
}

/** pnpm keeps a copy of the lockfile that it installed, and writes `.modules.yaml` when all is done. */
function isInstalled() {
  const wanted = read(join(root, 'pnpm-lock.yaml'))
  const have = read(join(modules, '.pnpm', 'lock.yaml'))
  return wanted === have && read(join(modules, '.modules.yaml')) !== undefined && read(node24) !== undefined
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * `npm start` and `npm test` may be typed at once on a fresh clone; two installations at once break each other.
 *
 * @returns {Promise<() => void>} gives it back
 */
async function lock() {
  const folder = join(root, '.servent', 'install.lock')
  mkdirSync(dirname(folder), { recursive: true })
  for (let waited = false; ; waited = true) {
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, 'pid'), String(process.pid))
      return () => rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    if (!waited) process.stderr.write('Waiting for another installation of this folder to end…\n')
    await sleep(500)
    if (!isHolderAlive(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder */
function isHolderAlive(folder) {
  const pid = Number(read(join(folder, 'pid')) ?? 0)
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
