import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'
import { webhookPairs } from '../../webhook.js'

export default class WebhooksInfo extends MortiseCommand {
  static override description = 'show one webhook of an app'
  static override examples = ['$ mortise webhooks:info 01234567-89ab-cdef-0123-456789abcdef -a guestbook']
  static override args = { webhook: required('its id, from `mortise webhooks`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(WebhooksInfo)
    const params = { app: appOf(flags), webhook: args.webhook }
    const webhook = await (await this.connect(flags)).call(routes.webhooks.info, { params })
    this.record(webhook.id, webhookPairs(webhook))
    return webhook
  }
}
