import { defineConfig } from '@playwright/test'
import { findBrowser } from '../scripts/browser.mjs'

const browser = findBrowser()

/**
 * Tabs of one machine reach each other by WebRTC only when loopback addresses are allowed and local addresses are not
 * hidden behind mDNS names, which nobody resolves where there is no multicast. The rest keeps the browser to itself.
 */
const LAUNCH_FLAGS = [
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

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  outputDir: '../test-results',
  // Each test has a bootstrap node and some tabs of its own: two at once would measure each other.
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(browser === undefined ? {} : { executablePath: browser }),
      args: LAUNCH_FLAGS,
      // Chromium's sandbox refuses to run as root.
      chromiumSandbox: process.getuid?.() !== 0,
    },
  },
})
