import { routes } from '@mortise/contract/platform-api/routes'
import { deliveryStatuses, type WebhookDelivery } from '@mortise/contract/platform-api/webhooks'
import { appFlag, appOf, Flags, MortiseCommand } from '../../../command.js'
import { ago } from '../../../time.js'

export default class WebhooksDeliveries extends MortiseCommand {
  static override description = 'list what was sent to the webhooks of an app, and what waits, newest first'
  static override examples = [
    '$ mortise webhooks:deliveries -a guestbook',
    '$ mortise webhooks:deliveries -s failed -a guestbook',
  ]
  static override flags = {
    app: appFlag,
    status: Flags.string({ char: 's', options: [...deliveryStatuses], description: 'only those' }),
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 15, description: 'how many' }),
  }

  async run() {
    const { flags } = await this.parse(WebhooksDeliveries)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const deliveries = await api.first(routes.webhooks.deliveries, {
      params: { app },
      query: { 'eq[status]': flags.status },
      headers: { range: `seq ..; order=desc,max=${flags.num}` },
    })
    const now = new Date()
    if (deliveries.length === 0) this.note(`${app} has no ${flags.status ? `${flags.status} ` : ''}deliveries.`)
    else this.table(deliveries, columnsAt(now))
    return deliveries
  }
}

function columnsAt(now: Date) {
  return [
    { title: 'Delivery', value: (one: WebhookDelivery) => one.id },
    { title: 'Event', value: (one: WebhookDelivery) => one.event.include },
    { title: 'Status', value: (one: WebhookDelivery) => one.status },
    { title: 'Tries', value: (one: WebhookDelivery) => one.num_attempts, align: 'right' as const },
    { title: 'Last', value: (one: WebhookDelivery) => one.last_attempt?.code ?? one.last_attempt?.error_class },
    { title: 'Next try', value: (one: WebhookDelivery) => one.next_attempt_at },
    { title: 'When', value: (one: WebhookDelivery) => ago(new Date(one.created_at), now) },
  ]
}
