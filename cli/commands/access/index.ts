import { routes } from '@mortise/contract/platform-api/routes'
import { permissionNames } from '../../collaborator.js'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Access extends MortiseCommand {
  static override description = 'list who may work on an app'
  static override hiddenAliases = ['sharing']
  static override examples = ['$ mortise access -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Access)
    const app = appOf(flags)
    const people = await (await this.connect(flags)).call(routes.apps.collaborators, { params: { app } })
    people.sort((a, b) => a.user.email.localeCompare(b.user.email))
    return this.list(
      people,
      { Who: (one) => one.user.email, Role: (one) => one.role ?? 'collaborator', May: permissionNames },
      `Only its owner works on ${app}.`,
    )
  }
}
