import { defineConfig } from '@playwright/test'
import { findBrowser, hasSandbox, LAUNCH_FLAGS } from '../scripts/browser.mjs'

const browser = findBrowser()

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  outputDir: '../test-results',
  // Each test has a bootstrap node and some tabs of its own: two at once would measure each other.
  workers: 1,
  // On the build machine a test that fails is run once more, and named if it then passes.
  retries: process.env.CI === undefined ? 0 : 1,
  // For machines that are busy with other work: a test that passes takes seconds.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['./last-words.ts']],
  use: {
    // An action that waits in vain tells so before the whole test is over.
    actionTimeout: 120_000,
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(browser === undefined ? {} : { executablePath: browser }),
      args: LAUNCH_FLAGS,
      chromiumSandbox: hasSandbox,
      // Without a locale Chromium takes the disk for one of ASCII names, and saves what has others as "download".
      env: { ...stringsOf(process.env), LC_ALL: 'C.UTF-8' },
    },
  },
})

function stringsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )
}
