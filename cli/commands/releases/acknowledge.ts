import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { releaseIdentity } from '../../release.js'

export default class ReleasesAcknowledge extends MortiseCommand {
  static override description =
    'say that all of an external app runs with the config of a release\nCredentials that only older releases use may end then.'
  static override examples = ['$ mortise releases:acknowledge v12 -a warehouse']
  static override args = { release: Args.string({ required: true, description: 'v12 or 12' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(ReleasesAcknowledge)
    const params = { app: appOf(flags), release: releaseIdentity(args.release) }
    const api = await this.connect(flags)
    return await this.during(`Acknowledging v${params.release} of ${params.app}`, () =>
      api.call(routes.releases.acknowledge, { params }),
    )
  }
}
