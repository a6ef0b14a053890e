import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, Failure, Flags, MortiseCommand } from '../../command.js'
import { openInBrowser, webAddress } from '../../open-url.js'

export default class AppsOpen extends MortiseCommand {
  static override description = 'open an app in the browser'
  static override aliases = ['open']
  static override examples = ['$ mortise open -a guestbook', '$ mortise open /health -a guestbook --show-url']
  static override args = { path: Args.string({ description: 'a page of the app' }) }
  static override flags = {
    app: appFlag,
    'show-url': Flags.boolean({ description: 'only print the address' }),
  }

  async run() {
    const { args, flags } = await this.parse(AppsOpen)
    const app = await (await this.connect(flags)).call(routes.apps.info, { params: { app: appOf(flags) } })
    if (!app.web_url) throw new Failure(`${app.name} has no web address.`)
    const url = webAddress(new URL(args.path ?? '', app.web_url).href)
    const shown = flags['show-url'] || this.jsonEnabled() || !(await openInBrowser(url, process.env))
    this.log(shown ? url : `Opening ${url}`)
    return { url }
  }
}
