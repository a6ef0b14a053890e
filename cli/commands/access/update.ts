import { collaboration, permissionsIn } from '../../collaborator.js'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class AccessUpdate extends MortiseCommand {
  static override description = 'change what somebody may do with an app'
  static override examples = ['$ mortise access:update grace@example.com -p view,deploy,operate -a guestbook']
  static override args = { email: required('whose, by e-mail') }
  static override flags = {
    app: appFlag,
    permissions: Flags.string({
      char: 'p',
      required: true,
      description: 'what they may do, with commas between: view, deploy, operate, manage',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(AccessUpdate)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { updateCollaborator } = await collaboration(api, app)
    return await this.during(`Changing what ${args.email} may do with ${app}`, () =>
      api.call(updateCollaborator, {
        params: { app, collaborator: args.email },
        body: { permissions: permissionsIn(flags.permissions) ?? [] },
      }),
    )
  }
}
