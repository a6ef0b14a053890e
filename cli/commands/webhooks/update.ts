import { routes } from '@mortise/contract/platform-api/routes'
import { webhookLevels } from '@mortise/contract/platform-api/webhooks'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { webhookPairs } from '../../webhook.js'

export default class WebhooksUpdate extends MortiseCommand {
  static override description = 'change a webhook; what is not named stays as it is'
  static override examples = [
    '$ mortise webhooks:update 01234567-89ab-cdef-0123-456789abcdef -u https://example.com/new -a guestbook',
  ]
  static override args = { webhook: required('its id, from `mortise webhooks`') }
  static override flags = {
    app: appFlag,
    include: Flags.string({ char: 'i', helpValue: 'EVENTS', description: 'which events, with commas between' }),
    level: Flags.string({ char: 'l', options: [...webhookLevels], description: 'how hard it is tried' }),
    url: Flags.string({ char: 'u', helpValue: 'URL', description: 'where to' }),
    secret: Flags.string({ char: 's', description: 'what bodies are signed with' }),
    authorization: Flags.string({ char: 't', description: 'sent as the Authorization header' }),
  }

  async run() {
    const { args, flags } = await this.parse(WebhooksUpdate)
    const app = appOf(flags)
    const body = {
      include: flags.include?.split(',').map((one) => one.trim()),
      level: flags.level as (typeof webhookLevels)[number] | undefined,
      url: flags.url,
      secret: flags.secret,
      authorization: flags.authorization,
    }
    if (Object.values(body).every((one) => one === undefined)) {
      throw wrongUsage('Nothing to change.', 'Pass --include, --level, --url, --secret or --authorization.')
    }
    const api = await this.connect(flags)
    const webhook = await this.during(`Updating the webhook ${args.webhook} of ${app}`, () =>
      api.call(routes.webhooks.update, { params: { app, webhook: args.webhook }, body }),
    )
    this.record(webhook.id, webhookPairs(webhook))
    return webhook
  }
}
