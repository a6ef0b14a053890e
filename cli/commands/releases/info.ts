import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, Failure, MortiseCommand } from '../../command.js'
import { newestReleases, releaseIdentity } from '../../release.js'
import { properties } from '../../table.js'
import { when } from '../../time.js'

export default class ReleasesInfo extends MortiseCommand {
  static override description = 'show one release with the config vars that it had'
  static override examples = ['$ mortise releases:info -a guestbook', '$ mortise releases:info v12 -a guestbook']
  static override args = { release: Args.string({ description: 'v12 or 12; the newest when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(ReleasesInfo)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const release = args.release
      ? await api.call(routes.releases.info, { params: { app, release: releaseIdentity(args.release) } })
      : (await newestReleases(api, app, 1))[0]
    if (!release) throw new Failure(`${app} has no releases.`)
    const vars = await api.call(routes.config.atRelease, { params: { app, release: String(release.version) } })
    this.log(this.paint.bold(`v${release.version}`))
    this.log(
      properties([
        ['What', release.description],
        ['Status', release.status],
        ['Message', release.message],
        ['Add-ons', release.addon_plan_names.join('\n')],
        ['By', release.user.email],
        ['When', when(release.created_at, new Date())],
        ['Rollback', release.eligible_for_rollback ? 'possible' : 'not possible'],
      ]),
    )
    const names = Object.keys(vars).sort()
    if (names.length > 0) {
      this.log(`\n${this.paint.bold('Config vars')}`)
      this.log(properties(names.map((name) => [name, vars[name] ?? '(no longer valid)'])))
    }
    return { ...release, config_vars: vars }
  }
}
