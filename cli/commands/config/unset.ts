import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { newestVersion } from '../../release.js'

export default class ConfigUnset extends MortiseCommand {
  static override description = 'remove config vars; the app is released anew without them'
  static override hiddenAliases = ['config:remove']
  static override usage = 'config:unset NAME... -a APP'
  static override examples = ['$ mortise config:unset COLOUR -a guestbook']
  static override strict = false
  static override flags = { app: appFlag }

  async run() {
    const { argv, flags } = await this.parse(ConfigUnset)
    const app = appOf(flags)
    const names = argv as string[]
    if (names.length === 0) throw wrongUsage('Nothing to unset.', 'Write the names of the config vars.')
    const api = await this.connect(flags)
    return await this.during(`Unsetting ${names.join(', ')} and restarting ${app}`, async (progress) => {
      const body = Object.fromEntries(names.map((name) => [name, null]))
      const vars = await api.call(routes.config.update, { params: { app }, body })
      progress.done(`done, ${await newestVersion(api, app)}`)
      return vars
    })
  }
}
