import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { ago } from '../../time.js'

export default class PasswordResets extends MortiseCommand {
  static override description = 'for the operator: list who forgot their password and waits for a link'
  static override examples = ['$ mortise password-resets']

  async run() {
    const { flags } = await this.parse(PasswordResets)
    const asked = await (await this.connect(flags)).call(routes.passwordResets.list)
    const now = new Date()
    return this.list(
      asked,
      { 'E-mail': ({ user }) => user.email, Asked: ({ created_at }) => ago(new Date(created_at), now) },
      'Nobody waits for a link.',
    )
  }
}
