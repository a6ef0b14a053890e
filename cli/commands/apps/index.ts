import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { ago } from '../../time.js'

export default class Apps extends MortiseCommand {
  static override description = 'list your apps'
  static override hiddenAliases = ['apps:list', 'list']
  static override examples = ['$ mortise apps', '$ mortise apps --json']

  async run() {
    const { flags } = await this.parse(Apps)
    const apps = await (await this.connect(flags)).call(routes.apps.list)
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
