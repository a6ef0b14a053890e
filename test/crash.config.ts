import { defineConfig } from 'vitest/config'

// Not a part of the everyday run: it takes minutes. bin/test-crash runs it.
export default defineConfig({
  resolve: { conditions: ['mortise-source'] },
  ssr: { resolve: { conditions: ['mortise-source'] } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/crash.accept.ts'],
    testTimeout: 420_000,
    hookTimeout: 180_000,
    pool: 'forks',
  },
})
