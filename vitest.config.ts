import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Left out of `bin/test --everyday`: what starts whole servers, browsers, worlds or other people's programs, waits for real
 * time to go by, or puts a load on. `bin/test` runs all of it.
 */
const long = [
  'sim/**',
  'test/{kill,outage,workers,keys,backup,isolation,bad-answers,bad-input,fuzz}*.test.ts',
  'test/{account-commands,deploy-files,inspect-providers,other-languages,stuck-guide,tls-page}.test.ts',
  'test/browser/**',
  'nav/header.test.ts',
  'platform/start/start.test.ts',
  'postgres/survival.test.ts',
  'cli/{autocomplete,cli,commands,external-guide,provider-*}.test.ts',
  'platform/backup/backup.test.ts',
  'platform/{webhooks/many-events,lifecycle/lock-order}.test.ts',
  'runtime/build/build.test.ts',
  'examples/**',
]

/** Small files that run for minutes: last, as their size would have it, they would keep one core busy and leave the other idle. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => /\/sim\/(worlds|twins)\.test\.ts$/.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

// Tests read the sources of every package, not their builds.
export default defineConfig({
  resolve: { conditions: ['mortise-source'] },
  ssr: { resolve: { conditions: ['mortise-source'] } },
  test: {
    // Every server that a test starts holds its answers against the contract: see platform/http/check-answers.ts.
    env: { MORTISE_CHECK_ANSWERS: '1' },
    globalSetup: ['test/global-setup.ts'],
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '.mortise/**',
      'templates/**',
      ...(process.env['MORTISE_EVERYDAY'] ? long : []),
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Everyday, the files of one worker share what they import: to read it anew for each of two hundred was a third of all work
    // (173 s of imports became 43 s). The whole run keeps them apart, so that what one leaves behind is not what another needs.
    isolate: !process.env['MORTISE_EVERYDAY'],
    maxWorkers: 2,
  },
})
