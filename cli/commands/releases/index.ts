import type { Release } from '@mortise/contract/platform-api/releases'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'
import { newestReleases } from '../../release.js'
import { ago } from '../../time.js'

export default class Releases extends MortiseCommand {
  static override description = 'list the releases of an app, newest first'
  static override examples = ['$ mortise releases -a guestbook', '$ mortise releases -n 5 -a guestbook']
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 15, description: 'how many' }),
  }

  async run() {
    const { flags } = await this.parse(Releases)
    const app = appOf(flags)
    const releases = await newestReleases(await this.connect(flags), app, flags.num)
    const now = new Date()
    if (releases.length === 0) this.note(`${app} has no releases.`)
    else {
      const columns = [
        { title: 'Release', value: (release: Release) => `v${release.version}${release.current ? '*' : ''}` },
        { title: 'What', value: (release: Release) => release.description },
        { title: 'Status', value: (release: Release) => release.status },
        { title: 'By', value: (release: Release) => release.user.email },
        { title: 'When', value: (release: Release) => ago(new Date(release.created_at), now) },
      ]
      this.table(releases, columns)
      if (releases.some((release) => release.current)) this.log(this.paint.dim('* current'))
    }
    return releases
  }
}
