// A Chromium and a Firefox to test with: found, or installed where there are none.
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

/** The same for Firefox. */
export const FIREFOX_PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
}

/** Chromium's sandbox refuses to run as root. */
export const hasSandbox = process.getuid?.() !== 0

/** Names under which systems have it, the likeliest to work first. */
const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'microsoft-edge']

const FIREFOX_NAMES = ['firefox', 'firefox-esr']

/** Where systems have it that is not in the PATH. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const FIREFOX_PLACES = ['/Applications/Firefox.app/Contents/MacOS/firefox']

/**
 * The browser's program: `SERVENT_BROWSER` if set, Playwright's own, else one of the system's.
 *
 * @returns {string | undefined} undefined when there is none
 * @throws Error when SERVENT_BROWSER names no program
 */
export function findBrowser() {
  return named('SERVENT_BROWSER') ?? [playwrightBrowser(), ...inPath(NAMES), ...PLACES].find(isProgram)
}

/**
 * Firefox's program: `SERVENT_FIREFOX` if set, else the system's. Playwright's own does not do: it is changed for Playwright.
 *
 * @returns {string | undefined} undefined when there is none
 * @throws Error when SERVENT_FIREFOX names no program
 */
export function findFirefox() {
  return named('SERVENT_FIREFOX') ?? [...inPath(FIREFOX_NAMES), ...FIREFOX_PLACES].find(isProgram)
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
    onStep('That failed: installing the system’s package chromium…')
    await installWithApt('chromium')
  }
  const installed = findBrowser()
  if (installed !== undefined) return installed
  throw new Error('No browser to test with: install Chrome or Chromium, or set SERVENT_BROWSER to its program.')
}

/**
 * Finds a Firefox, or installs Debian's package where we are root. There are systems for which none can be had.
 *
 * @param {(step: string) => void} onStep - told in words what is going on
 * @returns {Promise<string | undefined>} its program; undefined when none could be had
 */
export async function ensureFirefox(onStep) {
  const found = findFirefox()
  if (found !== undefined || !canInstall()) return found
  onStep('No Firefox here: installing the system’s package firefox-esr…')
  await installWithApt('firefox-esr')
  return findFirefox()
}

function canInstall() {
  return process.getuid?.() === 0 && isProgram('/usr/bin/apt-get')
}

/** @param {string} name - of a package */
async function installWithApt(name) {
  if (!canInstall()) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // An old list of packages may do when a new one cannot be had, so the second command is the one that counts.
  await run('apt-get', ['update'], { env, stdout: 'stderr' })
  await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env, stdout: 'stderr' })
}

/** @param {string} variable - of the environment, that may name a program */
function named(variable) {
  const path = process.env[variable]
  if (path === undefined || path === '') return undefined
  if (isProgram(path)) return path
  throw new Error(`${variable} is ${path}, which is no program that can be run.`)
}

/**
 * Where programs of these names would be, the likeliest to work first.
 *
 * @param {readonly string[]} names
 */
function inPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name)))
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
