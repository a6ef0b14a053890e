import { routes } from '@mortise/contract/platform-api/routes'
import { authorizationPairs } from '../../authorization.js'
import { Flags, MortiseCommand } from '../../command.js'

const scopes = ['global', 'identity', 'read', 'write', 'read-protected', 'write-protected'] as const

export default class AuthorizationsCreate extends MortiseCommand {
  static override description = 'make an API key, for a script or another program'
  static override examples = [
    '$ mortise authorizations:create -d "nightly backup" -s read-protected -e 2592000',
    '$ mortise authorizations:create --short',
  ]
  static override flags = {
    description: Flags.string({ char: 'd', description: 'what it is for' }),
    scope: Flags.string({ char: 's', description: `what it may do, with commas between: ${scopes.join(', ')}` }),
    'expires-in': Flags.integer({
      char: 'e',
      min: 1,
      helpValue: 'SECONDS',
      description: 'it ends by itself after this long',
    }),
    short: Flags.boolean({ char: 'S', description: 'print the key only' }),
  }

  async run() {
    const { flags } = await this.parse(AuthorizationsCreate)
    const api = await this.connect(flags)
    const made = await this.during('Making an API key', () =>
      api.call(routes.authorizations.create, {
        body: {
          description: flags.description,
          expires_in: flags['expires-in'],
          // Which scopes there are is said by the server, in the sentence that refuses others.
          scope: flags.scope?.split(',').map((one) => one.trim()) as (typeof scopes)[number][] | undefined,
        },
      }),
    )
    if (flags.short) this.log(made.access_token?.token ?? '')
    else this.record(made.description, authorizationPairs(made))
    return made
  }
}
