import { randomBytes } from 'node:crypto'
import { includes } from '@mortise/contract/events/names'
import { routes } from '@mortise/contract/platform-api/routes'
import { webhookLevels } from '@mortise/contract/platform-api/webhooks'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'

export default class WebhooksAdd extends MortiseCommand {
  static override description =
    'send what happens to an app to an address\nBodies are signed with a secret, which is shown once.'
  static override examples = [
    '$ mortise webhooks:add -a guestbook -i api:release -u https://example.com/hooks',
    '$ mortise webhooks:add -a guestbook -i api:addon,api:addon-attachment -l sync -u https://example.com/hooks',
  ]
  static override flags = {
    app: appFlag,
    include: Flags.string({
      char: 'i',
      required: true,
      helpValue: 'EVENTS',
      description: `which events, with commas between: ${includes.join(', ')}`,
    }),
    level: Flags.string({
      char: 'l',
      options: [...webhookLevels],
      default: 'notify',
      description: 'notify: one try; sync: in order, and tried again for 72 hours',
    }),
    url: Flags.string({ char: 'u', required: true, helpValue: 'URL', description: 'where to' }),
    secret: Flags.string({ char: 's', description: 'what bodies are signed with; made up when absent' }),
    authorization: Flags.string({ char: 't', description: 'sent as the Authorization header' }),
  }

  async run() {
    const { flags } = await this.parse(WebhooksAdd)
    const app = appOf(flags)
    // Made here rather than by the server, so that no answer has to carry it.
    const secret = flags.secret ?? randomBytes(32).toString('base64url')
    const api = await this.connect(flags)
    const webhook = await this.during(`Adding a webhook to ${app}`, () =>
      api.call(routes.webhooks.create, {
        params: { app },
        body: {
          include: flags.include.split(',').map((one) => one.trim()),
          level: flags.level as (typeof webhookLevels)[number],
          url: flags.url,
          secret,
          ...(flags.authorization ? { authorization: flags.authorization } : {}),
        },
      }),
    )
    this.log(`Webhook ${webhook.id}`)
    if (!flags.secret) {
      this.log(`Secret  ${secret}`)
      this.note('Keep the secret now: it is not shown again.')
    }
    return { ...webhook, ...(flags.secret ? {} : { secret }) }
  }
}
