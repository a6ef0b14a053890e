import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class DrainsAdd extends MortiseCommand {
  static override description = 'send the log of an app to an address too, as syslog or over https'
  static override examples = ['$ mortise drains:add https://logs.example.com/in -a guestbook']
  static override args = { url: required('where to: https://… or syslog+tls://host:port') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(DrainsAdd)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Sending the log of ${app} to ${args.url}`, () =>
      api.call(routes.drains.create, { params: { app }, body: { url: args.url } }),
    )
  }
}
