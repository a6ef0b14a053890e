import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { newestVersion } from '../../release.js'
import { properties } from '../../table.js'

export default class ConfigSet extends MortiseCommand {
  static override description = 'set config vars; the app is released anew with them'
  static override hiddenAliases = ['config:add']
  static override usage = 'config:set NAME=VALUE... -a APP'
  static override examples = ['$ mortise config:set COLOUR=blue SIZE=3 -a guestbook']
  static override strict = false
  static override flags = { app: appFlag }

  async run() {
    const { argv, flags } = await this.parse(ConfigSet)
    const app = appOf(flags)
    const changes = assignments(argv as string[])
    const names = Object.keys(changes)
    const api = await this.connect(flags)
    const vars = await this.during(`Setting ${names.join(', ')} and restarting ${app}`, async (progress) => {
      const all = await api.call(routes.config.update, { params: { app }, body: changes })
      progress.done(`done, ${await newestVersion(api, app)}`)
      return all
    })
    const set = Object.fromEntries(names.map((name) => [name, vars[name] ?? '']))
    this.log(properties(names.map((name) => [name, set[name] || '""'])))
    return set
  }
}

/** `NAME=VALUE` words as a map; only the first `=` divides. */
export function assignments(words: readonly string[]): Record<string, string> {
  if (words.length === 0) throw wrongUsage('Nothing to set.', 'Write NAME=VALUE.')
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw wrongUsage(`"${word}" sets nothing.`, 'Write NAME=VALUE, or remove a var with config:unset.')
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}
