import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, teamFlag } from '../../command.js'
import { ago } from '../../time.js'

export default class Apps extends MortiseCommand {
  static override description = 'list your apps'
  static override hiddenAliases = ['apps:list', 'list']
  static override examples = ['$ mortise apps', '$ mortise apps -t acme-team', '$ mortise apps --json']
  static override flags = {
    team: teamFlag,
    all: Flags.boolean({
      char: 'A',
      description: 'those of teams and of others too (they always are)',
      exclusive: ['team'],
    }),
  }

  async run() {
    const { flags } = await this.parse(Apps)
    const api = await this.connect(flags)
    const apps = flags.team
      ? await api.call(routes.teamApps.list, { params: { team: flags.team } })
      : await api.call(routes.apps.list)
    apps.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (apps.length === 0) this.log('You have no apps. Make one with `mortise apps:create`.')
    else {
      const now = new Date()
      const columns = [
        { title: 'App', value: (app: (typeof apps)[number]) => app.name },
        { title: 'Owner', value: (app: (typeof apps)[number]) => app.owner.email },
        {
          title: 'Released',
          value: (app: (typeof apps)[number]) => (app.released_at ? ago(new Date(app.released_at), now) : 'never'),
        },
        { title: 'URL', value: (app: (typeof apps)[number]) => app.web_url },
      ]
      this.table(apps, columns)
    }
    return apps
  }
}
