// A Chromium to test with: found, or installed where there is none.
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { environment, node24, root } from './install.mjs'
import { run } from './process.mjs'

/**
 * Tabs of one machine reach each other by WebRTC only when loopback addresses are allowed and local addresses are not
 * hidden behind mDNS names, which nobody resolves where there is no multicast. The rest keeps the browser to itself, and
 * tabs awake that are not looked at.
 */
export const LAUNCH_FLAGS = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/** Chromium's sandbox refuses to run as root. */
export const hasSandbox = process.getuid?.() !== 0

/** Names under which systems have it, the likeliest to work first. */
const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'microsoft-edge']

/** Where systems have it that is not in the PATH. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * The browser's program: `SERVENT_BROWSER` if set, Playwright's own, else one of the system's.
 *
 * @returns {string | undefined} undefined when there is none
 * @throws Error when SERVENT_BROWSER names no program
 */
export function findBrowser() {
  const named = process.env.SERVENT_BROWSER
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return named
    throw new Error(`SERVENT_BROWSER is ${named}, which is no program that can be run.`)
  }
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => ({ rank: NAMES.indexOf(name), path: join(folder, name) })))
    .sort((a, b) => a.rank - b.rank)
    .map(({ path }) => path)
  return [playwrightBrowser(), ...inPath, ...PLACES].find(isProgram)
}

/**
 * Finds a browser or installs one: Playwright's, or Debian's package where that cannot be had and we are root.
 *
 * @param {(step: string) => void} onStep - told in words what is going on
 * @returns {Promise<string>} the browser's program
 * @throws Error with a sentence for a person when none could be had
 */
export async function ensureBrowser(onStep) {
  const found = findBrowser()
  if (found !== undefined) return found
  onStep('No Chrome or Chromium here: installing the one Playwright brings…')
  const cli = join(root, 'node_modules', 'playwright', 'cli.js')
  if ((await run(node24, [cli, 'install', 'chromium'], { env: environment(), stdout: 'stderr' })) !== 0) {
    await installWithApt(onStep)
  }
  const installed = findBrowser()
  if (installed !== undefined) return installed
  throw new Error('No browser to test with: install Chrome or Chromium, or set SERVENT_BROWSER to its program.')
}

/** @param {(step: string) => void} onStep */
async function installWithApt(onStep) {
  if (process.getuid?.() !== 0 || !isProgram('/usr/bin/apt-get')) return
  onStep('That failed: installing the system’s package chromium…')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // An old list of packages may do when a new one cannot be had, so the second command is the one that counts.
  await run('apt-get', ['update'], { env, stdout: 'stderr' })
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, stdout: 'stderr' })
}

/** Where Playwright would put its Chromium; it is there only if it was installed. */
function playwrightBrowser() {
  const { chromium } = createRequire(join(root, 'package.json'))('playwright')
  return chromium.executablePath()
}

/** @param {string | undefined} path */
function isProgram(path) {
  if (path === undefined || path === '') return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
