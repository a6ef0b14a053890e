import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import type { Api } from '../../api.js'
import { appFlag, appOf, Failure, MortiseCommand } from '../../command.js'
import { newestReleases, releaseIdentity } from '../../release.js'

export default class ReleasesRollback extends MortiseCommand {
  static override description = 'go back: a new release with the slug and config vars of an earlier one'
  static override aliases = ['rollback']
  static override examples = ['$ mortise rollback -a guestbook', '$ mortise rollback v12 -a guestbook']
  static override args = { release: Args.string({ description: 'v12 or 12; the one before when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(ReleasesRollback)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const target = args.release
      ? await api.call(routes.releases.info, { params: { app, release: releaseIdentity(args.release) } })
      : await theOneBefore(api, app)
    const made = await this.during(`Rolling ${app} back to v${target.version}`, async (progress) => {
      const release = await api.call(routes.releases.create, { params: { app }, body: { release: target.id } })
      progress.done(`done, v${release.version}`)
      return release
    })
    this.note('The values of add-ons are as they are today: a rollback changes the slug and your own vars only.')
    return made
  }
}

// The second one that could be gone back to, as the field's CLI does: the first is what runs.
async function theOneBefore(api: Api, app: string) {
  const [, before] = (await newestReleases(api, app, 50)).filter((release) => release.eligible_for_rollback)
  if (!before) throw new Failure(`${app} has no earlier release to go back to.`, { next: 'See `mortise releases`.' })
  return before
}
