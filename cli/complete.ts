import type { Command } from '@oclif/core/command'

/** What can be looked up to be offered; each may be slow, and may fail. */
export interface Known {
  apps(): Promise<string[]>
  addons(app: string | undefined): Promise<string[]>
  services(): Promise<string[]>
  teams(): Promise<string[]>
}

/**
 * What may stand where the cursor is.
 * @param words what stands after the program's name; the last one is begun, or empty
 * @param env for the app that is meant without a flag
 */
export async function completions(
  commands: readonly Command.Loadable[],
  words: readonly string[],
  known: Known,
  env: Record<string, string | undefined>,
): Promise<string[]> {
  const current = words.at(-1) ?? ''
  if (words.length < 2) return begun(commandNames(commands, current), current)
  const [name = '', ...rest] = words
  if (name === 'help') return begun(commandNames(commands, current), current)
  const command = commands.find(({ id, aliases, hiddenAliases }) => [id, ...aliases, ...hiddenAliases].includes(name))
  // After -- stands another program's command line.
  if (!command || rest.slice(0, -1).includes('--')) return []
  const app = appIn(rest) ?? env['MORTISE_APP']
  const [, joined, value] = /^(--[a-z-]+)=(.*)$/.exec(current) ?? []
  if (joined) return begun(await valuesOf(command, joined, known), value ?? '').map((one) => `${joined}=${one}`)
  const before = rest.at(-2) ?? ''
  if (takesValue(command, before)) return begun(await valuesOf(command, before, known), current)
  if (current.startsWith('-')) return begun(flagNames(command), current)
  return begun(await argumentsOf(command, known, app), current)
}

const begun = (all: readonly string[], beginning: string) =>
  [...new Set(all)].filter((one) => one.startsWith(beginning)).sort()

/** Other names are offered only to whoever began to type one: they lead nowhere new. */
function commandNames(commands: readonly Command.Loadable[], current: string): string[] {
  const shown = commands.filter(({ hidden }) => !hidden)
  const ids = shown.map(({ id }) => id)
  return ids.some((id) => id.startsWith(current))
    ? ids
    : shown.flatMap(({ aliases, hiddenAliases }) => [...aliases, ...hiddenAliases])
}

function flagNames({ flags }: Command.Loadable): string[] {
  return Object.values(flags).flatMap(({ hidden, name }) => (hidden ? [] : [`--${name}`]))
}

const flagOf = ({ flags }: Command.Loadable, word: string) =>
  Object.values(flags).find(({ name, char }) => word === `--${name}` || (char && word === `-${char}`))

const takesValue = (command: Command.Loadable, word: string) => flagOf(command, word)?.type === 'option'

async function valuesOf(command: Command.Loadable, word: string, known: Known): Promise<string[]> {
  const flag = flagOf(command, word)
  if (flag?.name === 'app') return await known.apps()
  if (flag?.name === 'team') return await known.teams()
  return flag?.type === 'option' ? [...(flag.options ?? [])] : []
}

async function argumentsOf(command: Command.Loadable, known: Known, app: string | undefined): Promise<string[]> {
  const names = Object.keys(command.args)
  if (names.includes('app')) return await known.apps()
  if (names.includes('addon') || command.id === 'addons:destroy') return await known.addons(app)
  if (names.includes('service') || command.id === 'addons:create') return await known.services()
  return []
}

function appIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '-a' || word === '--app')
  if (at >= 0) return words[at + 1]
  return words.find((word) => word.startsWith('--app='))?.slice('--app='.length)
}
