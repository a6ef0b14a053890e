import { routes } from '@mortise/contract/platform-api/routes'
import { resolveAddon } from '../../addon.js'
import { appFlag, MortiseCommand, required } from '../../command.js'

export default class AddonsRename extends MortiseCommand {
  static override description = 'give an add-on another name; its attachments and config vars keep theirs'
  static override examples = ['$ mortise addons:rename postgresql-curved-12345 guests-db']
  static override args = { addon: required('the add-on'), name: required('its new name') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsRename)
    const api = await this.connect(flags)
    const addon = await resolveAddon(api, args.addon, flags.app)
    return await this.during(`Renaming ${addon.name} to ${args.name}`, () =>
      api.call(routes.addons.update, { params: { app: addon.app.id, addon: addon.id }, body: { name: args.name } }),
    )
  }
}
