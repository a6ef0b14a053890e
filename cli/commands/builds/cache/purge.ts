import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../../command.js'

export default class BuildsCachePurge extends MortiseCommand {
  static override description = "drop an app's build cache: the next build installs everything anew"
  static override examples = ['$ mortise builds:cache:purge -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(BuildsCachePurge)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return this.during(`Dropping the build cache of ${app}`, () =>
      api.call(routes.builds.dropCache, { params: { app } }),
    )
  }
}
