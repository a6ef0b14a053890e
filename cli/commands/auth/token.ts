import { MortiseCommand } from '../../command.js'
import { readCredential } from '../../credentials.js'
import { Failure } from '../../failure.js'

export default class AuthToken extends MortiseCommand {
  static override description =
    'print the API key that commands use here\nWhoever has it may do what you may: keep it to yourself.'
  static override hiddenAliases = ['token']
  static override examples = [
    '$ mortise auth:token',
    '$ curl -H "Authorization: Bearer $(mortise auth:token)" http://localhost:5055/account',
  ]

  async run() {
    const { flags } = await this.parse(AuthToken)
    const host = this.hostOf(flags)
    const token = process.env['MORTISE_API_KEY'] || (await readCredential(this.credentialsFile, host))?.token
    if (!token) throw new Failure(`You are not signed in to ${host}.`, { next: 'Sign in with `mortise login`.' })
    this.log(token)
    return { host, token }
  }
}
