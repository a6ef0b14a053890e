import { Flags, MortiseCommand } from '../../../command.js'
import { openInBrowser } from '../../../open-url.js'

export default class AddonsAdminOpen extends MortiseCommand {
  static override description = "open the providers' page in the browser"
  static override examples = ['$ mortise addons:admin:open']
  static override flags = { 'show-url': Flags.boolean({ description: 'only print the address' }) }

  async run() {
    const { flags } = await this.parse(AddonsAdminOpen)
    const url = `${this.hostOf(flags)}/portal`
    const shown = flags['show-url'] || this.jsonEnabled() || !(await openInBrowser(url, process.env))
    this.log(shown ? url : `Opening ${url}`)
    return { url }
  }
}
