import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests read the sources of the other packages: nothing has to be built first.
  ssr: { resolve: { conditions: ['source'] } },
  resolve: { conditions: ['source'] },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
  },
})
