import type { Config, Hook } from '@oclif/core/interfaces'
import { type Failure, wrongUsage } from './failure.js'
import { nearNames } from './near.js'

/** What to say of a name that no command has. @param following the words after it */
export function noSuchCommand(config: Config, name: string, following: readonly string[] = []): Failure {
  const commands = config.commands.flatMap((command) =>
    command.hidden ? [] : [command.id, ...command.aliases, ...(command.hiddenAliases ?? [])],
  )
  // `addons create` is how other tools write `addons:create`.
  const joined = following[0] ? `${name}:${following[0]}` : ''
  const topics = config.topics.filter(({ hidden }) => !hidden).map((topic) => topic.name)
  const near = commands.includes(joined) ? [joined] : nearNames(name, [...commands, ...topics])
  return wrongUsage(
    `There is no command "${name}".`,
    near.length ? `Did you mean ${near.join(', ')}?` : 'Run `mortise --help` to see all commands.',
  )
}

/** Called by oclif for a name that no command has. */
const unknownCommand: Hook<'command_not_found'> = async ({ config, id, argv }) => {
  throw noSuchCommand(config, id, argv)
}
export default unknownCommand
