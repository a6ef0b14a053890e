import { collaboration } from '../../collaborator.js'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class AccessRemove extends MortiseCommand {
  static override description = 'let somebody no longer work on an app'
  static override hiddenAliases = ['sharing:remove']
  static override examples = ['$ mortise access:remove grace@example.com -a guestbook']
  static override args = { email: required('whom, by e-mail') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AccessRemove)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { removeCollaborator } = await collaboration(api, app)
    return await this.during(`Taking ${args.email} off ${app}`, () =>
      api.call(removeCollaborator, { params: { app, collaborator: args.email } }),
    )
  }
}
