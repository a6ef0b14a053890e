import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { newestVersion } from '../../release.js'

export default class AddonsDetach extends MortiseCommand {
  static override description = 'take an add-on off an app; the add-on itself stays'
  static override examples = ['$ mortise addons:detach GUESTBOOK_DB -a reports']
  static override args = { attachment: Args.string({ required: true, description: 'name of the attachment' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsDetach)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const found = await api.call(routes.attachments.infoOfApp, { params: { app, attachment: args.attachment } })
    return await this.during(`Detaching ${found.name} (${found.addon.name}) from ${app}`, async (progress) => {
      const gone = await api.call(routes.attachments.destroy, { params: { attachment: found.id } })
      progress.done(`done, ${await newestVersion(api, app)}`)
      return gone
    })
  }
}
