import { defineConfig } from 'vitest/config'

// Not a part of the everyday run: it needs an installed CLI of 400 MB. bin/test-clients runs it.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/*.accept.ts'],
    // These have a command and a configuration of their own.
    exclude: ['test/{crash,upgrade}.accept.ts'],
    // Bounded, and long enough for a machine that does other things as well.
    testTimeout: 900_000,
    hookTimeout: 300_000,
    // Each command is a process that wants a core for most of a second.
    maxConcurrency: 3,
    pool: 'forks',
    // Each file starts a platform of its own.
    fileParallelism: false,
  },
})
