import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, MortiseCommand } from '../../../command.js'

export default class WebhooksDeliveriesRetry extends MortiseCommand {
  static override description = 'send a delivery once more, whatever became of it'
  static override examples = ['$ mortise webhooks:deliveries:retry 01234567-89ab-cdef-0123-456789abcdef -a guestbook']
  static override args = {
    delivery: Args.string({ required: true, description: 'its id, from `mortise webhooks:deliveries`' }),
  }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(WebhooksDeliveriesRetry)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const delivery = await this.during(`Sending ${args.delivery} once more`, () =>
      api.call(routes.webhooks.retry, { params: { app, delivery: args.delivery } }),
    )
    this.note(`Look what became of it with \`mortise webhooks:deliveries -a ${app}\`.`)
    return delivery
  }
}
