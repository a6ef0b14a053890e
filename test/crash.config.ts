import { defineConfig } from 'vitest/config'

// Not a part of the everyday run: it takes minutes. bin/test-crash runs it.
export default defineConfig({
  resolve: { conditions: ['mortise-source'] },
  ssr: { resolve: { conditions: ['mortise-source'] } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/{crash,upgrade}.accept.ts'],
    // Each starts several servers and a database of its own.
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    pool: 'forks',
  },
})
