import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class SessionsDestroy extends MortiseCommand {
  static override description = 'sign out somewhere else'
  static override examples = ['$ mortise sessions:destroy 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise sessions`') }

  async run() {
    const { args, flags } = await this.parse(SessionsDestroy)
    const api = await this.connect(flags)
    return await this.during(`Ending the session ${args.id}`, () =>
      api.call(routes.authorizations.endSession, { params: { session: args.id } }),
    )
  }
}
