import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../../command.js'
import { plainText } from '../../../plain-text.js'

export default class WebhooksDeliveriesInfo extends MortiseCommand {
  static override description = 'show one delivery: what became of it, and its body'
  static override examples = ['$ mortise webhooks:deliveries:info 01234567-89ab-cdef-0123-456789abcdef -a guestbook']
  static override args = { delivery: required('its id, from `mortise webhooks:deliveries`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(WebhooksDeliveriesInfo)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const delivery = await api.call(routes.webhooks.delivery, { params: { app, delivery: args.delivery } })
    const event = await api.call(routes.webhooks.event, { params: { app, event: delivery.event.id } })
    this.record(delivery.id, {
      Event: delivery.event.include,
      Webhook: delivery.webhook.id,
      Status: delivery.status,
      Tries: delivery.num_attempts,
      'Answer of the last': delivery.last_attempt?.code,
      'Error of the last': delivery.last_attempt?.error_class,
      'Next try': delivery.next_attempt_at,
      Created: delivery.created_at,
    })
    this.log(`\n${plainText(JSON.stringify(event.payload, null, 2))}`)
    return { ...delivery, payload: event.payload }
  }
}
