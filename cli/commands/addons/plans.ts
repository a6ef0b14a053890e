import type { Plan } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../command.js'
import { priceText } from '../../price.js'

export default class AddonsPlans extends MortiseCommand {
  static override description = 'list the plans of an add-on service with their prices'
  static override examples = ['$ mortise addons:plans mortise-postgresql']
  static override args = { service: Args.string({ required: true, description: 'the add-on service' }) }

  async run() {
    const { args, flags } = await this.parse(AddonsPlans)
    const plans = await (await this.connect(flags)).call(routes.catalog.plans, { params: { service: args.service } })
    plans.sort((a, b) => Number(a.price.contract) - Number(b.price.contract) || a.price.cents - b.price.cents)
    const columns = [
      { title: 'Plan', value: (plan: Plan) => `${plan.name}${plan.default ? ' (default)' : ''}` },
      { title: 'Name', value: (plan: Plan) => plan.human_name },
      { title: 'Price', value: (plan: Plan) => priceText(plan.price) },
    ]
    if (plans.length === 0) this.note(`${args.service} has no plans.`)
    else this.table(plans, columns)
    return plans
  }
}
