import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, confirmFlag, Flags, MortiseCommand } from '../../command.js'
import { withConfirmation } from '../../confirm.js'
import { newestVersion } from '../../release.js'

export default class AddonsAttach extends MortiseCommand {
  static override description = 'attach an existing add-on to another app, or once more under another name'
  static override examples = [
    '$ mortise addons:attach postgresql-curved-12345 -a reports',
    '$ mortise addons:attach guestbook::DATABASE -a reports --as GUESTBOOK_DB',
  ]
  static override args = {
    addon: Args.string({ required: true, description: 'name of the add-on, or app::ATTACHMENT' }),
  }
  static override flags = {
    app: appFlag,
    as: Flags.string({ description: 'name of the attachment', helpValue: 'NAME' }),
    credential: Flags.string({ description: 'which of its credentials to use' }),
    confirm: confirmFlag,
  }

  async run() {
    const { args, flags } = await this.parse(AddonsAttach)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const as = flags.as ? ` as ${flags.as}` : ''
    const addon = await api.call(routes.addons.info, { params: { addon: args.addon } })
    return await withConfirmation(app, flags.confirm, (confirm) =>
      this.during(`Attaching ${addon.name}${as} to ${app}`, async (progress) => {
        const made = await api.call(routes.attachments.create, {
          body: {
            addon: { name: addon.name },
            app: { name: app },
            ...(flags.as ? { name: flags.as } : {}),
            ...(flags.credential ? { namespace: `credential:${flags.credential}` } : {}),
            ...(confirm ? { confirm } : {}),
          },
        })
        progress.done(`done as ${made.name}, ${await newestVersion(api, app)}`)
        return made
      }),
    )
  }
}
