import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class DrainsRemove extends MortiseCommand {
  static override description = 'send the log of an app no longer to an address'
  static override examples = ['$ mortise drains:remove https://logs.example.com/in -a guestbook']
  static override args = { drain: required('its address, token or id') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(DrainsRemove)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Removing the drain ${args.drain} from ${app}`, () =>
      api.call(routes.drains.delete, { params: { app, drain: args.drain } }),
    )
  }
}
