import { routes } from '@mortise/contract/platform-api/routes'
import { authorizationPairs } from '../../authorization.js'
import { Flags, MortiseCommand, required } from '../../command.js'

export default class AuthorizationsUpdate extends MortiseCommand {
  static override description = 'change what an authorization says that it is for, or which client it belongs to'
  static override examples = ['$ mortise authorizations:update 01234567-89ab-cdef-0123-456789abcdef -d "weekly backup"']
  static override args = { id: required('its id, from `mortise authorizations`') }
  static override flags = {
    description: Flags.string({ char: 'd', description: 'what it is for' }),
    'client-id': Flags.string({ description: 'the client that it belongs to', dependsOn: ['client-secret'] }),
    'client-secret': Flags.string({ description: 'secret of that client', dependsOn: ['client-id'] }),
  }

  async run() {
    const { args, flags } = await this.parse(AuthorizationsUpdate)
    const api = await this.connect(flags)
    const client = flags['client-id'] ? { id: flags['client-id'], secret: flags['client-secret'] } : undefined
    const changed = await this.during(`Updating ${args.id}`, () =>
      api.call(routes.authorizations.update, {
        params: { authorization: args.id },
        body: { description: flags.description, client },
      }),
    )
    this.record(changed.description, authorizationPairs(changed))
    return changed
  }
}
