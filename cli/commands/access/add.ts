import { collaboration, permissionsIn } from '../../collaborator.js'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class AccessAdd extends MortiseCommand {
  static override description = 'let somebody work on an app'
  static override hiddenAliases = ['sharing:add']
  static override examples = [
    '$ mortise access:add grace@example.com -a guestbook',
    '$ mortise access:add grace@example.com -p view,deploy -a guestbook',
  ]
  static override args = { email: required('whom, by e-mail') }
  static override flags = {
    app: appFlag,
    permissions: Flags.string({
      char: 'p',
      description: 'what they may do, with commas between: view, deploy, operate, manage (default all but manage)',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(AccessAdd)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { addCollaborator } = await collaboration(api, app)
    const body = { user: args.email, permissions: permissionsIn(flags.permissions) }
    return await this.during(`Letting ${args.email} work on ${app}`, () =>
      api.call(addCollaborator, { params: { app }, body }),
    )
  }
}
