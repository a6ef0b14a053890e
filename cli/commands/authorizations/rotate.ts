import { routes } from '@mortise/contract/platform-api/routes'
import { authorizationPairs } from '../../authorization.js'
import { MortiseCommand, required } from '../../command.js'

export default class AuthorizationsRotate extends MortiseCommand {
  static override description = 'give an authorization a new key; the old one is refused at once'
  static override examples = ['$ mortise authorizations:rotate 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise authorizations`') }

  async run() {
    const { args, flags } = await this.parse(AuthorizationsRotate)
    const api = await this.connect(flags)
    const renewed = await this.during(`Rotating ${args.id}`, () =>
      api.call(routes.authorizations.regenerate, { params: { authorization: args.id } }),
    )
    this.record(renewed.description, authorizationPairs(renewed))
    return renewed
  }
}
