import type { Stack } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../../command.js'

export default class AppsStacks extends MortiseCommand {
  static override description = 'list the stacks that an app can run on, and mark its own'
  static override aliases = ['stack']
  static override examples = ['$ mortise apps:stacks -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(AppsStacks)
    const api = await this.connect(flags)
    const params = { app: appOf(flags) }
    const [app, stacks] = await Promise.all([api.call(routes.apps.info, { params }), api.call(routes.places.stacks)])
    const mark = ({ name }: Stack) =>
      name === app.stack.name ? `${name}*` : name === app.build_stack.name ? `${name} (from the next deploy on)` : name
    this.list(stacks, { Stack: mark, State: (one) => one.state }, 'There are no stacks.')
    return stacks.map((one) => ({ ...one, current: one.name === app.stack.name }))
  }
}
