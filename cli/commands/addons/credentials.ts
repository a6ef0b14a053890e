import { routes } from '@mortise/contract/platform-api/routes'
import { resolveAddon } from '../../addon.js'
import { appFlag, MortiseCommand, required } from '../../command.js'
import { ago } from '../../time.js'

export default class AddonsCredentials extends MortiseCommand {
  static override description = "list each version of an add-on's values, and the apps that still run on it"
  static override examples = ['$ mortise addons:credentials DATABASE -a guestbook']
  static override args = { addon: required('the add-on, or its attachment in the app') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsCredentials)
    const api = await this.connect(flags)
    const addon = await resolveAddon(api, args.addon, flags.app)
    const credentials = await api.call(routes.addons.credentials, { params: { addon: addon.id } })
    credentials.sort((a, b) => a.name.localeCompare(b.name) || b.version - a.version)
    const now = new Date()
    return this.list(
      credentials,
      {
        Credential: ({ name, version }) => `${name} v${version}`,
        State: ({ state }) => state,
        'Used by': ({ used_by }) => used_by.map(({ app, release }) => `${app.name} v${release}`).join(', '),
        Values: ({ config_vars }) => config_vars.join(', '),
        Since: ({ created_at }) => ago(new Date(created_at), now),
        Replaced: ({ retired_at }) => retired_at && ago(new Date(retired_at), now),
      },
      `${addon.name} has no credentials yet: its provider has not given any values.`,
    )
  }
}
