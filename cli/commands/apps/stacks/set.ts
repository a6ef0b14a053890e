import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../../command.js'

export default class AppsStacksSet extends MortiseCommand {
  static override description = 'choose the stack of an app; its next deploy is built on it'
  static override aliases = ['stack:set']
  static override examples = ['$ mortise apps:stacks:set heroku-24 -a guestbook']
  static override args = { stack: required('its name, from `mortise apps:stacks`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AppsStacksSet)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Setting the stack of ${app} to ${args.stack}`, () =>
      api.call(routes.apps.update, { params: { app }, body: { build_stack: args.stack } }),
    )
  }
}
