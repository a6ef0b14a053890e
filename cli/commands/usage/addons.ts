import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, MortiseCommand, teamFlag } from '../../command.js'
import { wrongUsage } from '../../failure.js'

interface Line {
  app: string
  addon: string
  meter: string
  quantity: number
}

export default class UsageAddons extends MortiseCommand {
  static override description = "show what metered add-ons of an app, or of a team's apps, used this month"
  static override examples = ['$ mortise usage:addons -a guestbook', '$ mortise usage:addons -t acme-team']
  static override flags = { app: appFlag, team: teamFlag }

  async run() {
    const { app, team, host } = (await this.parse(UsageAddons)).flags
    if (!app && !team) throw wrongUsage('Of which app, or which team?', 'Pass --app APP or --team TEAM.')
    const api = await this.connect({ host })
    const apps = app
      ? [{ name: app, ...(await api.call(routes.usage.ofApp, { params: { app } })) }]
      : (await api.call(routes.usage.ofTeam, { params: { team: team ?? '' } })).apps
    const names = new Map<string, string>()
    for (const { name } of apps) {
      const addons = await api.call(routes.addons.listOfApp, { params: { app: name } })
      for (const addon of addons) names.set(addon.id, addon.name)
    }
    const lines: Line[] = apps.flatMap(({ name, addons }) =>
      addons.flatMap(({ id, meters }) =>
        Object.entries(meters).map(([meter, { quantity }]) => ({
          app: name,
          addon: names.get(id) ?? id,
          meter,
          quantity,
        })),
      ),
    )
    return this.list(
      lines,
      {
        App: (one) => one.app,
        'Add-on': (one) => one.addon,
        Meter: (one) => one.meter,
        Quantity: (one) => one.quantity,
      },
      `No add-on of ${app ?? team} reported any usage this month.`,
    )
  }
}
