import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from './command.js'

/** `maintenance:on` and `maintenance:off`: the same but for the direction. */
export abstract class SetMaintenance extends MortiseCommand {
  static override flags = { app: appFlag }
  protected abstract readonly maintenance: boolean

  async run() {
    const { flags } = await this.parse(this.ctor as typeof SetMaintenance)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`${this.maintenance ? 'Starting' : 'Ending'} maintenance of ${app}`, () =>
      api.call(routes.apps.update, { params: { app }, body: { maintenance: this.maintenance } }),
    )
  }
}
