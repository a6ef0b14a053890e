import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { fullPlan, resolveAddon, serviceName, stateText } from '../../addon.js'
import { appFlag, MortiseCommand } from '../../command.js'
import { billedPriceText } from '../../price.js'
import { properties } from '../../table.js'
import { when } from '../../time.js'

export default class AddonsInfo extends MortiseCommand {
  static override description = 'show one add-on'
  static override examples = [
    '$ mortise addons:info postgresql-curved-12345',
    '$ mortise addons:info DATABASE -a guestbook',
  ]
  static override args = {
    addon: Args.string({ required: true, description: 'its name, or its attachment on the app' }),
  }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsInfo)
    const api = await this.connect(flags)
    const addon = await resolveAddon(api, args.addon, flags.app)
    const attachments = await api.call(routes.attachments.listOfAddon, { params: { addon: addon.id } })
    this.log(this.paint.bold(addon.name))
    this.log(
      properties([
        ['Service', serviceName(addon)],
        ['Plan', addon.plan.name],
        ['Price', billedPriceText(addon.billed_price, fullPlan(addon))],
        ['State', stateText(addon.state)],
        ['Message', addon.provision_message],
        ['App', addon.app.name],
        [
          'Attached as',
          attachments
            .map(({ app, name }) => `${app.name}::${name}`)
            .sort()
            .join('\n'),
        ],
        ['Config vars', addon.config_vars.join('\n')],
        ['Dashboard', addon.web_url],
        ['Created', when(addon.created_at, new Date())],
      ]),
    )
    return { ...addon, attachments }
  }
}
