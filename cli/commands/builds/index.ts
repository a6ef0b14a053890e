import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'
import { newestBuilds } from '../../find-build.js'
import { ago } from '../../time.js'

export default class Builds extends MortiseCommand {
  static override description = 'list the builds of an app, newest first'
  static override examples = ['$ mortise builds -a guestbook', '$ mortise builds -n 5 -a guestbook']
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 15, description: 'how many' }),
  }

  async run() {
    const { flags } = await this.parse(Builds)
    const app = appOf(flags)
    const builds = await newestBuilds(await this.connect(flags), app, flags.num)
    const now = new Date()
    return this.list(
      builds,
      {
        Build: (one) => one.id,
        Status: (one) => one.status,
        Version: (one) => one.source_blob.version,
        By: (one) => one.user.email,
        When: (one) => ago(new Date(one.created_at), now),
      },
      `Nothing was built for ${app} yet.`,
    )
  }
}
