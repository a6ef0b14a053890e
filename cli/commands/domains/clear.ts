import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, confirmFlag, MortiseCommand } from '../../command.js'
import { confirmApp } from '../../confirm.js'

export default class DomainsClear extends MortiseCommand {
  static override description = 'let an app no longer answer under any domain of its own'
  static override examples = ['$ mortise domains:clear -a guestbook --confirm guestbook']
  static override flags = { app: appFlag, confirm: confirmFlag }

  async run() {
    const { flags } = await this.parse(DomainsClear)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const own = (await api.call(routes.domains.list, { params: { app } })).filter(({ kind }) => kind === 'custom')
    const names = own.map(({ hostname }) => hostname).join(', ')
    if (own.length === 0) this.note(`${app} has no domains of its own.`)
    else await confirmApp(app, `This removes ${names} from ${app}.`, flags.confirm)
    for (const { id, hostname } of own) {
      await this.during(`Removing ${hostname} from ${app}`, () =>
        api.call(routes.domains.remove, { params: { app, domain: id } }),
      )
    }
    return own
  }
}
