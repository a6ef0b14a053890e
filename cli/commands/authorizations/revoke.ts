import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class AuthorizationsRevoke extends MortiseCommand {
  static override description = 'end an authorization: its key is refused from now on'
  static override aliases = ['authorizations:destroy']
  static override examples = ['$ mortise authorizations:revoke 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise authorizations`') }

  async run() {
    const { args, flags } = await this.parse(AuthorizationsRevoke)
    const api = await this.connect(flags)
    return await this.during(`Revoking ${args.id}`, async (progress) => {
      const gone = await api.call(routes.authorizations.revoke, { params: { authorization: args.id } })
      progress.done(`done, "${gone.description}" is refused from now on`)
      return gone
    })
  }
}
