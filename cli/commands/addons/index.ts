import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import { routes } from '@mortise/contract/platform-api/routes'
import { expanded, fullPlan, serviceName, stateText } from '../../addon.js'
import { appFlag, Flags, MortiseCommand } from '../../command.js'
import { billedPriceText } from '../../price.js'

export default class Addons extends MortiseCommand {
  static override description = 'list the add-ons of an app, or all of yours'
  static override hiddenAliases = ['addons:list']
  static override examples = ['$ mortise addons -a guestbook', '$ mortise addons --all']
  static override flags = {
    app: appFlag,
    all: Flags.boolean({ char: 'A', description: 'of all apps; also when no app is named' }),
  }

  async run() {
    const { flags } = await this.parse(Addons)
    const app = flags.all ? undefined : flags.app
    const api = await this.connect(flags)
    const [addons, attachments] = await Promise.all([
      app
        ? api.call(routes.addons.listOfApp, { params: { app }, headers: expanded })
        : api.call(routes.addons.list, { headers: expanded }),
      app ? api.call(routes.attachments.listOfApp, { params: { app } }) : api.call(routes.attachments.list),
    ])
    addons.sort((a, b) => (`${a.app.name} ${a.name}` < `${b.app.name} ${b.name}` ? -1 : 1))
    if (addons.length === 0) {
      this.note(
        app ? `${app} has no add-ons. See what there is with \`mortise addons:services\`.` : 'You have no add-ons.',
      )
    } else {
      const ownApp = { title: 'App', value: (addon: Addon) => addon.app.name }
      this.table(addons, [...(app ? [] : [ownApp]), ...columns(attachments, app)])
    }
    return addons
  }
}

function columns(attachments: readonly Attachment[], app: string | undefined) {
  const attachedAs = (addon: Addon) =>
    attachments
      .filter((attachment) => attachment.addon.id === addon.id)
      .map((attachment) =>
        app || attachment.app.id === addon.app.id ? attachment.name : `${attachment.app.name}::${attachment.name}`,
      )
      .sort()
      .join(', ')
  // The app was perhaps named by its id, so "elsewhere" is told from the attachments that were listed for it.
  const here = attachments[0]?.app.id
  const price = (addon: Addon) =>
    app && here && addon.app.id !== here
      ? `(billed to ${addon.app.name})`
      : billedPriceText(addon.billed_price, fullPlan(addon))
  return [
    { title: 'Add-on', value: (addon: Addon) => addon.name },
    { title: 'Service', value: serviceName },
    { title: 'Plan', value: (addon: Addon) => addon.plan.name.replace(/^[^:]*:/, '') },
    { title: 'Price', value: price },
    { title: 'State', value: (addon: Addon) => stateText(addon.state) },
    { title: 'As', value: attachedAs },
  ]
}
