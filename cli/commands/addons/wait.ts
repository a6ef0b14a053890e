import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { configNames, expanded, resolveAddon, settledAddon } from '../../addon.js'
import { appFlag, MortiseCommand } from '../../command.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class AddonsWait extends MortiseCommand {
  static override description = 'wait until add-ons that are being created or destroyed are done'
  static override examples = ['$ mortise addons:wait -a guestbook', '$ mortise addons:wait postgresql-curved-12345']
  static override args = { addon: Args.string({ description: 'one add-on; all of the app when absent' }) }
  static override flags = { app: appFlag, ...waitFlags }

  async run() {
    const { args, flags } = await this.parse(AddonsWait)
    const api = await this.connect(flags)
    const named = args.addon
      ? [await resolveAddon(api, args.addon, flags.app)]
      : flags.app
        ? await api.call(routes.addons.listOfApp, { params: { app: flags.app }, headers: expanded })
        : await api.call(routes.addons.list, { headers: expanded })
    const busy = named.filter(({ state }) => state === 'provisioning' || state === 'deprovisioning')
    if (busy.length === 0) this.note('Nothing to wait for.')
    for (const addon of busy) {
      const doing = addon.state === 'provisioning' ? 'Creating' : 'Destroying'
      await this.during(`${doing} ${addon.name} on ${addon.app.name}`, async (progress) => {
        const settled = await settledAddon(api, addon, waitingOf(flags))
        const as = settled ? configNames(settled) : ''
        progress.done(settled ? `created${as ? ` as ${as}` : ''}` : 'destroyed')
      })
    }
    return busy.map(({ id, name }) => ({ id, name }))
  }
}
