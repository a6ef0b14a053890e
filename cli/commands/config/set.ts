import { routes } from '@mortise/contract/platform-api/routes'
import { assignments } from '../../assignments.js'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
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
