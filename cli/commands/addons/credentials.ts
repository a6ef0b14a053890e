import type { Credential } from '@mortise/contract/platform-api/addons'
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
    if (credentials.length === 0)
      this.note(`${addon.name} has no credentials yet: its provider has not given any values.`)
    else
      this.table(credentials, [
        { title: 'Credential', value: ({ name, version }: Credential) => `${name} v${version}` },
        { title: 'State', value: (one: Credential) => one.state },
        {
          title: 'Used by',
          value: (one: Credential) => one.used_by.map(({ app, release }) => `${app.name} v${release}`).join(', '),
        },
        { title: 'Values', value: (one: Credential) => one.config_vars.join(', ') },
        { title: 'Since', value: (one: Credential) => ago(new Date(one.created_at), now) },
        { title: 'Replaced', value: (one: Credential) => one.retired_at && ago(new Date(one.retired_at), now) },
      ])
    return credentials
  }
}
