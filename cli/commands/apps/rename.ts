import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'
import { plainText } from '../../plain-text.js'

export default class AppsRename extends MortiseCommand {
  static override description = 'give an app another name, and so another address'
  static override aliases = ['rename']
  static override examples = ['$ mortise apps:rename visitors -a guestbook']
  static override args = { name: required('the new name') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AppsRename)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const renamed = await this.during(`Renaming ${app} to ${args.name}`, () =>
      api.call(routes.apps.update, { params: { app }, body: { name: args.name } }),
    )
    if (renamed.web_url) this.log(plainText(renamed.web_url))
    return renamed
  }
}
