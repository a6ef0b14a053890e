import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { resolveAddon } from '../../addon.js'
import type { Api } from '../../api.js'
import { appFlag, Failure, Flags, MortiseCommand } from '../../command.js'
import { openInBrowser, webAddress } from '../../open-url.js'

export default class AddonsOpen extends MortiseCommand {
  static override description = "open an add-on's dashboard in the browser, signed in"
  static override examples = [
    '$ mortise addons:open DATABASE -a guestbook',
    '$ mortise addons:open postgresql-curved-12345 --show-url',
  ]
  static override args = {
    addon: Args.string({ required: true, description: 'its name, or its attachment on the app' }),
  }
  static override flags = {
    app: appFlag,
    'show-url': Flags.boolean({ description: 'only print the address' }),
  }

  async run() {
    const { args, flags } = await this.parse(AddonsOpen)
    const found = await dashboardOf(await this.connect(flags), args.addon, flags.app)
    if (!found.web_url) throw new Failure(`${found.name} has no dashboard.`)
    const url = webAddress(found.web_url)
    const shown = flags['show-url'] || this.jsonEnabled() || !(await openInBrowser(url, process.env))
    this.log(shown ? url : `Opening ${url}`)
    return { url }
  }
}

// An attachment first: through it the dashboard opens for the app that was meant, not for the billing app.
async function dashboardOf(
  api: Api,
  identity: string,
  app?: string,
): Promise<{ name: string; web_url: string | null }> {
  try {
    const found = await api.call(routes.attachments.resolve, {
      headers: { 'accept-inclusion': 'addon:plan,config_vars' },
      body: { addon_attachment: identity, app: app ?? null },
    })
    if (found.length === 1) return found[0]!
    if (found.length > 1) {
      const names = found.map((attachment) => `${attachment.app.name}::${attachment.name}`).join(', ')
      throw new Failure(`${identity} could be ${names}.`, { next: 'Name one of them, or pass --app.' })
    }
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  }
  const addon = await resolveAddon(api, identity, app)
  if (!app) return addon
  const attachments = await api.call(routes.attachments.listOfAddon, { params: { addon: addon.id } })
  return attachments.find((attachment) => attachment.app.name === app || attachment.app.id === app) ?? addon
}
