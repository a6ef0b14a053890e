import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import { resolveAddon, serviceName } from '../../addon.js'
import type { Api } from '../../api.js'
import { appFlag, Failure, Flags, MortiseCommand, required } from '../../command.js'
import { openInBrowser, webAddress } from '../../open-url.js'

export default class AddonsDocs extends MortiseCommand {
  static override description = 'open what the provider wrote about an add-on'
  static override examples = ['$ mortise addons:docs mortise-postgresql', '$ mortise addons:docs DATABASE -a guestbook']
  static override args = { addon: required('an add-on service, an add-on or an attachment') }
  static override flags = { app: appFlag, 'show-url': Flags.boolean({ description: 'only print the address' }) }

  async run() {
    const { args, flags } = await this.parse(AddonsDocs)
    const service = await serviceOf(await this.connect(flags), args.addon, flags.app)
    if (!service.docs_url) throw new Failure(`${service.name} names no documentation.`)
    const url = webAddress(service.docs_url)
    const shown = flags['show-url'] || this.jsonEnabled() || !(await openInBrowser(url, process.env))
    this.log(shown ? url : `Opening ${url}`)
    return { url }
  }
}

async function serviceOf(api: Api, identity: string, app?: string) {
  try {
    return await api.call(routes.catalog.service, { params: { service: identity } })
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
    const addon = await resolveAddon(api, identity, app)
    return await api.call(routes.catalog.service, { params: { service: serviceName(addon) } })
  }
}
