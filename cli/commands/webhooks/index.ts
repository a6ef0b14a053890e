import { routes } from '@mortise/contract/platform-api/routes'
import type { Webhook } from '@mortise/contract/platform-api/webhooks'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Webhooks extends MortiseCommand {
  static override description = 'list the webhooks of an app'
  static override examples = ['$ mortise webhooks -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Webhooks)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const found = await api.call(routes.webhooks.list, { params: { app } })
    const webhooks = found.sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
    if (webhooks.length === 0) this.note(`${app} has no webhooks. Add one with \`mortise webhooks:add\`.`)
    else {
      const columns = [
        { title: 'Webhook', value: (webhook: Webhook) => webhook.id },
        { title: 'To', value: (webhook: Webhook) => webhook.url },
        { title: 'Events', value: (webhook: Webhook) => webhook.include.join(', ') },
        { title: 'Level', value: (webhook: Webhook) => webhook.level },
      ]
      this.table(webhooks, columns)
    }
    return webhooks
  }
}
