import type { Addon } from '@mortise/contract/platform-api/addons'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { configNames, fullPlan, settledAddon } from '../../addon.js'
import type { Api } from '../../api.js'
import { appFlag, appOf, confirmFlag, Flags, MortiseCommand } from '../../command.js'
import { withConfirmation } from '../../confirm.js'
import { providerOptions, splitAtDashes } from '../../options.js'
import { plainText } from '../../plain-text.js'
import { billedPriceText } from '../../price.js'
import { span } from '../../time.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class AddonsCreate extends MortiseCommand {
  static override description = 'create an add-on for an app\nOptions for the provider stand after --.'
  static override aliases = ['addons:add']
  static override usage = 'addons:create SERVICE[:PLAN] -a APP [-- --OPTION=VALUE...]'
  static override examples = [
    '$ mortise addons:create mortise-postgresql:mini -a guestbook',
    '$ mortise addons:create mortise-postgresql -a guestbook --as PRIMARY --wait',
    '$ mortise addons:create mortise-postgresql:mini -a guestbook -- --extensions=hstore',
  ]
  static override args = {
    plan: Args.string({
      required: true,
      description: 'service, or service:plan; the default plan when only a service',
    }),
  }
  static override flags = {
    app: appFlag,
    as: Flags.string({
      description: 'name of the attachment; decides the names of the config vars',
      helpValue: 'NAME',
    }),
    name: Flags.string({ description: 'name of the add-on; one is made up when absent' }),
    confirm: confirmFlag,
    wait: Flags.boolean({ description: 'wait until the provider is done' }),
    ...waitFlags,
  }

  async run() {
    const { own, provider } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(AddonsCreate, own)
    const app = appOf(flags)
    const config = providerOptions(provider)
    const api = await this.connect(flags)
    const addon = await withConfirmation(app, flags.confirm, (confirm) =>
      this.during(`Creating ${args.plan} on ${app}`, async (progress) => {
        const made = await api.call(routes.addons.create, {
          params: { app },
          headers: { 'accept-expansion': 'plan', 'x-heroku-legacy-provider-messages': 'true' },
          body: {
            plan: { name: args.plan },
            attachment: flags.as ? { name: flags.as } : {},
            config,
            ...(flags.name ? { name: flags.name } : {}),
            ...(confirm ? { confirm } : {}),
          },
        })
        progress.done(billedPriceText(made.billed_price, fullPlan(made)))
        return made
      }),
    )
    if (addon.provision_message) this.log(plainText(addon.provision_message))
    if (addon.state === 'provisioned') return this.created(addon)
    if (flags.wait) return this.created(await this.waitFor(api, addon, waitingOf(flags)))
    this.log(`${addon.name} is being created in the background.`)
    this.log(
      `${app} restarts with its config vars once it is there. Wait with: mortise addons:wait ${addon.name} -a ${app}`,
    )
    return addon
  }

  private async waitFor(api: Api, addon: Addon, waiting: { intervalSeconds: number; timeoutSeconds: number }) {
    const startedAt = Date.now()
    return await this.during(`Waiting for ${addon.name}`, async (progress) => {
      const made = await settledAddon(api, addon, waiting)
      progress.done(`done after ${span((Date.now() - startedAt) / 1000)}`)
      return made ?? addon
    })
  }

  private created(addon: Addon): Addon {
    const as = configNames(addon)
    this.log(`Created ${addon.name}${as ? ` as ${as}` : ''}`)
    return addon
  }
}
