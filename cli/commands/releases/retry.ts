import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Failure, MortiseCommand } from '../../command.js'
import { newestReleases } from '../../release.js'

export default class ReleasesRetry extends MortiseCommand {
  static override description = 'release the newest slug once more, with its release command'
  static override examples = ['$ mortise releases:retry -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(ReleasesRetry)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const [newest] = await newestReleases(api, app, 1)
    if (!newest?.slug)
      throw new Failure(`${app} has no slug to release.`, { next: `Run \`mortise deploy -a ${app}\`.` })
    const { id: slug } = newest.slug
    return await this.during(`Releasing v${newest.version} of ${app} once more`, async (progress) => {
      const made = await api.call(routes.releases.create, {
        params: { app },
        body: { slug, description: `Retry of v${newest.version}: ${newest.description}`.slice(0, 1000) },
      })
      progress.done(`done, v${made.version}`)
      return made
    })
  }
}
