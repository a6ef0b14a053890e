import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand } from '../../../command.js'
import { ago } from '../../../time.js'
import { eventTitle } from '../../../webhook.js'

export default class WebhooksEvents extends MortiseCommand {
  static override description = 'list what happened to an app that its webhooks hear of, newest first'
  static override examples = ['$ mortise webhooks:events -a guestbook']
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 15, description: 'how many' }),
  }

  async run() {
    const { flags } = await this.parse(WebhooksEvents)
    const app = appOf(flags)
    const events = await (await this.connect(flags)).first(routes.webhooks.events, {
      params: { app },
      headers: { range: `created_at ..; order=desc,max=${flags.num}` },
    })
    const now = new Date()
    return this.list(
      events,
      { Event: (one) => one.id, What: eventTitle, When: (one) => ago(new Date(one.created_at), now) },
      `${app} has no events that a webhook wants.`,
    )
  }
}
