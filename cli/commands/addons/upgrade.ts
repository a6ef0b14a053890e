import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { fullPlan, resolveAddon, serviceName } from '../../addon.js'
import type { Api } from '../../api.js'
import { appFlag, Failure, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { plainText } from '../../plain-text.js'
import { billedPriceText } from '../../price.js'

export default class AddonsUpgrade extends MortiseCommand {
  static override description = 'change the plan of an add-on, up or down'
  static override aliases = ['addons:downgrade']
  static override examples = [
    '$ mortise addons:upgrade postgresql-curved-12345 mortise-postgresql:standard-0',
    '$ mortise addons:upgrade DATABASE standard-0 -a guestbook',
    '$ mortise addons:upgrade mortise-postgresql:standard-0 -a guestbook',
  ]
  static override args = {
    addon: Args.string({
      required: true,
      description: 'the add-on; or service:plan when the app has one of the service',
    }),
    plan: Args.string({ description: 'the plan, with or without its service' }),
  }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsUpgrade)
    const { identity, plan } = meant(args.addon, args.plan)
    const api = await this.connect(flags)
    const addon = await resolveAddon(api, identity, flags.app)
    const name = plan.includes(':') ? plan : `${serviceName(addon)}:${plan}`
    const changed = await this.during(
      `Changing ${addon.name} on ${addon.app.name} from ${addon.plan.name} to ${name}`,
      async (progress) => {
        const answer = await withPlanNames(api, serviceName(addon), () =>
          api.call(routes.addons.update, {
            params: { app: addon.app.name, addon: addon.name },
            headers: { 'accept-expansion': 'plan', 'x-heroku-legacy-provider-messages': 'true' },
            body: { plan: { name } },
          }),
        )
        progress.done(`done, ${billedPriceText(answer.billed_price, fullPlan(answer))}`)
        return answer
      },
    )
    if (changed.provision_message) this.log(plainText(changed.provision_message))
    return changed
  }
}

/** `X PLAN`, or `SERVICE:PLAN` alone, which means the app's one add-on of that service. */
export function meant(addon: string, plan: string | undefined): { identity: string; plan: string } {
  if (plan) return { identity: addon, plan }
  const both = /^([^:]+):([^:]+)$/.exec(addon)
  if (!both) throw wrongUsage('Which plan?', 'Write ADDON PLAN, like DATABASE standard-0.')
  return { identity: both[1]!, plan: addon }
}

async function withPlanNames<T>(api: Api, service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof ApiError) || !error.message.startsWith("Couldn't find either the add-on")) throw error
    const plans = await api.call(routes.catalog.plans, { params: { service } })
    throw new Failure(error.message, {
      next: `Its plans are ${plans.map((plan) => plan.name).join(', ')}.`,
      cause: error,
    })
  }
}
