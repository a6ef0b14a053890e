import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class InvitesCreate extends MortiseCommand {
  static override description =
    'for the operator: make a link through which somebody makes an account\nNo mail is sent: hand the link on yourself.'
  static override examples = ['$ mortise invites:create grace@example.com']
  static override args = { email: required('the e-mail address of who is invited') }

  async run() {
    const { args, flags } = await this.parse(InvitesCreate)
    const made = await (await this.connect(flags)).call(routes.invites.create, { body: { email: args.email } })
    this.note(`Hand this link on to ${made.email}; it is shown only now, and good until ${made.expires_at}:`)
    this.log(made.url ?? '')
    return made
  }
}
