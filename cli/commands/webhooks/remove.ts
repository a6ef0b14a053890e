import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class WebhooksRemove extends MortiseCommand {
  static override description = 'remove a webhook; what waits to be delivered to it goes too'
  static override examples = ['$ mortise webhooks:remove 01234567-89ab-cdef-0123-456789abcdef -a guestbook']
  static override args = { webhook: Args.string({ required: true, description: 'its id, from `mortise webhooks`' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(WebhooksRemove)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return this.during(`Removing the webhook ${args.webhook} from ${app}`, () =>
      api.call(routes.webhooks.delete, { params: { app, webhook: args.webhook } }),
    )
  }
}
