import type { Hook } from '@oclif/core/interfaces'
import { wrongUsage } from './failure.js'
import { nearNames } from './near.js'

/** Called by oclif for a name that no command has. */
const unknownCommand: Hook<'command_not_found'> = async ({ config, id, argv }) => {
  const known = config.commands.flatMap((command) =>
    command.hidden ? [] : [command.id, ...command.aliases, ...(command.hiddenAliases ?? [])],
  )
  // `addons create` is how other tools write `addons:create`.
  const joined = argv?.[0] ? `${id}:${argv[0]}` : ''
  const near = known.includes(joined) ? [joined] : nearNames(id, known)
  throw wrongUsage(
    `There is no command "${id}".`,
    near.length ? `Did you mean ${near.join(', ')}?` : 'Run `mortise --help` to see all commands.',
  )
}
export default unknownCommand
