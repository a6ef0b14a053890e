import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, confirmFlag, Flags, MortiseCommand, namedApp } from '../../command.js'
import { confirmApp } from '../../confirm.js'

export default class AppsDestroy extends MortiseCommand {
  static override description = 'destroy an app and its add-ons, for good'
  static override hiddenAliases = ['destroy', 'apps:delete']
  static override examples = ['$ mortise apps:destroy -a guestbook --confirm guestbook']
  static override args = { app: Args.string({ description: 'the app; the same as --app' }) }
  static override flags = {
    app: appFlag,
    confirm: confirmFlag,
    force: Flags.boolean({ char: 'f', description: 'also when its add-ons are attached to other apps' }),
  }

  async run() {
    const { args, flags } = await this.parse(AppsDestroy)
    const api = await this.connect(flags)
    // Asked first: the warning must name the app as the server does, and an unknown name needs no warning.
    const app = await api.call(routes.apps.info, { params: { app: namedApp(args.app, flags) } })
    await confirmApp(app.name, `This destroys ${app.name}, including all its add-ons and their data.`, flags.confirm)
    const destroyed = await this.during(`Destroying ${app.name} with its add-ons`, () =>
      api.call(routes.apps.destroy, { params: { app: app.id }, body: { force: flags.force ?? false } }),
    )
    return destroyed
  }
}
