import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../command.js'

export default class Keys extends MortiseCommand {
  static override description = 'list your SSH keys'
  static override examples = ['$ mortise keys']

  async run() {
    const { flags } = await this.parse(Keys)
    const keys = await (await this.connect(flags)).call(routes.account.keys)
    return this.list(
      keys,
      { Key: (one) => one.fingerprint, Comment: (one) => one.comment, 'E-mail': (one) => one.email },
      'There are no SSH keys. None are needed: `mortise deploy` sends the source over the API.',
    )
  }
}
