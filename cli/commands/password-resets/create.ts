import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class PasswordResetsCreate extends MortiseCommand {
  static override description =
    'ask for a new password, or as the operator make the link to one\n' +
    'No mail is sent: the operator sees who asks, and hands on a link that is good once and for 24 hours.'
  static override aliases = ['auth:password:reset']
  static override examples = ['$ mortise password-resets:create grace@example.com']
  static override args = { email: required('the e-mail address of the account') }

  async run() {
    const { args, flags } = await this.parse(PasswordResetsCreate)
    const made = await (await this.connect(flags)).call(routes.passwordResets.create, { body: { email: args.email } })
    if (made.url) {
      this.note(`Hand this link on to ${made.user.email}; it is shown only now:`)
      this.log(made.url)
    } else this.note('The operator sees that you ask. Ask them for the link, if they do not send you one.')
    return made
  }
}
