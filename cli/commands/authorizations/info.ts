import { routes } from '@mortise/contract/platform-api/routes'
import { authorizationPairs } from '../../authorization.js'
import { MortiseCommand, required } from '../../command.js'

export default class AuthorizationsInfo extends MortiseCommand {
  static override description = 'show one authorization'
  static override examples = ['$ mortise authorizations:info 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise authorizations`') }

  async run() {
    const { args, flags } = await this.parse(AuthorizationsInfo)
    const api = await this.connect(flags)
    const found = await api.call(routes.authorizations.info, { params: { authorization: args.id } })
    this.record(found.description, authorizationPairs(found))
    return found
  }
}
