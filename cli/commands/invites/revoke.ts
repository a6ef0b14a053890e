import { routes } from '@mortise/contract/platform-api/routes'
import { Failure, MortiseCommand, required } from '../../command.js'

export default class InvitesRevoke extends MortiseCommand {
  static override description = 'for the operator: end a link to an account or a new password'
  static override examples = ['$ mortise invites:revoke grace@example.com']
  static override args = { invite: required('its id, or the e-mail address that it is for') }

  async run() {
    const { args, flags } = await this.parse(InvitesRevoke)
    const api = await this.connect(flags)
    const wanted = args.invite.toLowerCase()
    const found = (await api.call(routes.invites.list)).find(
      ({ id, email }) => id === wanted || email.toLowerCase() === wanted,
    )
    if (!found)
      throw new Failure(`There is no open link for ${args.invite}.`, { next: 'See those with `mortise invites`.' })
    return this.during(`Ending the link for ${found.email}`, () =>
      api.call(routes.invites.revoke, { params: { invite: found.id } }),
    )
  }
}
