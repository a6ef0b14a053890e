import type { Dyno } from '@mortise/contract/platform-api/dynos'
import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { ago } from '../../time.js'

export default class Ps extends MortiseCommand {
  static override description = 'list the dynos of an app'
  static override examples = ['$ mortise ps -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Ps)
    const app = appOf(flags)
    const dynos = await (await this.connect(flags)).call(routes.dynos.list, { params: { app } })
    dynos.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    const now = new Date()
    if (dynos.length === 0) this.note(`No dynos run on ${app}.`)
    else {
      const columns = [
        { title: 'Dyno', value: (dyno: Dyno) => dyno.name },
        { title: 'State', value: (dyno: Dyno) => dyno.state },
        { title: 'Since', value: (dyno: Dyno) => ago(new Date(dyno.updated_at), now) },
        { title: 'Release', value: (dyno: Dyno) => `v${dyno.release.version}` },
        { title: 'Size', value: (dyno: Dyno) => dyno.size },
        { title: 'Command', value: (dyno: Dyno) => dyno.command },
      ]
      this.table(dynos, columns)
    }
    return dynos
  }
}
