import { appFlag, Flags } from './command.js'
import { wrongUsage } from './failure.js'
import { shellQuote } from './shell.js'

/** What `run` and `run:detached` take alike. */
export const runFlags = {
  app: appFlag,
  env: Flags.string({
    char: 'e',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME=VALUE',
    description: 'one more environment variable',
  }),
  size: Flags.string({ char: 's', description: 'size of the dyno' }),
  type: Flags.string({ description: 'what it is called in `ps` (default run)' }),
  'time-limit': Flags.integer({ min: 1, helpValue: 'SECONDS', description: 'stop it after this long (default a day)' }),
}

/** One word is a whole line for the shell; several are what they are, each of them. */
export function commandLine(words: readonly string[]): string {
  if (words.length === 0) throw wrongUsage('Run what?', 'Write the command after --, like: mortise run -a APP -- bash')
  return words.length === 1 ? (words[0] as string) : words.map(shellQuote).join(' ')
}
