import { defineConfig } from 'vitest/config'
import { LastWords } from './test/last-words.ts'

export default defineConfig({
  // Tests read the sources of the other packages: nothing has to be built first.
  ssr: { resolve: { conditions: ['source'] } },
  resolve: { conditions: ['source'] },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On the build machine a test that fails is run once more, and named if it then passes: timers there can be seconds late.
    retry: process.env.CI === undefined ? 0 : 1,
    reporters: ['default', new LastWords()],
  },
})
