import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class Invites extends MortiseCommand {
  static override description = 'for the operator: list links to an account or a new password that can still be used'
  static override examples = ['$ mortise invites']

  async run() {
    const { flags } = await this.parse(Invites)
    const invites = await (await this.connect(flags)).call(routes.invites.list)
    return this.list(
      invites,
      {
        'E-mail': ({ email }) => email,
        For: ({ purpose }) => (purpose === 'account' ? 'an account' : 'a new password'),
        'Invited by': ({ invited_by }) => invited_by.email,
        Until: ({ expires_at }) => expires_at,
        Id: ({ id }) => id,
      },
      'Nobody is invited.',
    )
  }
}
