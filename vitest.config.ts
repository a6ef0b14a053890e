import { defineConfig } from 'vitest/config'

// Tests read the sources of every package, not their builds.
export default defineConfig({
  resolve: { conditions: ['mortise-source'] },
  ssr: { resolve: { conditions: ['mortise-source'] } },
  test: {
    // Every server that a test starts holds its answers against the contract: see platform/http/check-answers.ts.
    env: { MORTISE_CHECK_ANSWERS: '1' },
    globalSetup: ['test/global-setup.ts'],
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '.mortise/**', 'templates/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
