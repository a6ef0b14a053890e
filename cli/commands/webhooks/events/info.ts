import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../../command.js'
import { plainText } from '../../../plain-text.js'
import { eventTitle } from '../../../webhook.js'

export default class WebhooksEventsInfo extends MortiseCommand {
  static override description = 'show one event with the body that webhooks are sent'
  static override examples = ['$ mortise webhooks:events:info 01234567-89ab-cdef-0123-456789abcdef -a guestbook']
  static override args = { event: required('its id, from `mortise webhooks:events`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(WebhooksEventsInfo)
    const params = { app: appOf(flags), event: args.event }
    const event = await (await this.connect(flags)).call(routes.webhooks.event, { params })
    this.record(eventTitle(event), { Id: event.id, When: event.created_at })
    this.log(`\n${plainText(JSON.stringify(event.payload, null, 2))}`)
    return event
  }
}
