import { hostname } from 'node:os'
import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from '../../api.js'
import { Flags, MortiseCommand } from '../../command.js'
import { type Credential, writeCredential } from '../../credentials.js'
import { Failure, wrongUsage } from '../../failure.js'
import { ask, canAsk, readStdin } from '../../prompt.js'

/** A month: long enough not to bother, short enough that a lost laptop's token ends. */
const loginSeconds = 30 * 24 * 3600

export default class Login extends MortiseCommand {
  static override description = 'sign in and keep the key for this server'
  static override aliases = ['login']
  static override examples = [
    '$ mortise login',
    '$ mortise login --email you@example.com --password-stdin < password.txt',
    '$ mortise login --api-key - < key.txt',
  ]
  static override flags = {
    email: Flags.string({ char: 'e', description: 'your e-mail' }),
    'password-stdin': Flags.boolean({ description: 'read the password from standard input', dependsOn: ['email'] }),
    'api-key': Flags.string({
      description: 'an API key that you already have; - reads it from standard input',
      exclusive: ['email', 'password-stdin'],
      helpValue: 'KEY',
    }),
  }

  async run() {
    const { flags } = await this.parse(Login)
    const host = this.hostOf(flags)
    const credential = flags['api-key'] ? await this.byKey(host, flags['api-key']) : await this.byPassword(host, flags)
    await writeCredential(this.credentialsFile, host, credential)
    this.log(`Signed in to ${host} as ${credential.email}`)
    if (process.env['MORTISE_API_KEY']) this.note('MORTISE_API_KEY is set and is used instead of this sign-in.')
    return { host, email: credential.email }
  }

  private async byKey(host: string, given: string): Promise<Credential> {
    const token = given === '-' ? await readStdin() : given
    if (!token.trim()) throw wrongUsage('The API key is empty.')
    const { email } = await this.connectAs(host, token.trim()).call(routes.account.info)
    return { email, token: token.trim() }
  }

  private async byPassword(host: string, flags: { email?: string; 'password-stdin'?: boolean }): Promise<Credential> {
    if (!flags['password-stdin'] && !canAsk()) {
      throw wrongUsage('There is no terminal to ask on.', 'Pass --email and --password-stdin, or --api-key.')
    }
    const email = flags.email ?? (await ask('E-mail: ')).trim()
    const password = flags['password-stdin'] ? await readStdin() : await ask('Password: ', { hidden: true })
    return await authorize(this.connectAs(host), email, password)
  }
}

/** Makes an authorization of its own for this machine, so that it can be seen and revoked by itself. */
async function authorize(api: Api, email: string, password: string): Promise<Credential> {
  const basic = Buffer.from(`${email}:${password}`).toString('base64')
  try {
    const made = await api.call(routes.authorizations.create, {
      headers: { authorization: `Basic ${basic}` },
      body: { description: `mortise login on ${hostname()}`, expires_in: loginSeconds, scope: ['global'] },
    })
    return { email: made.user.email, token: made.access_token!.token, authorization: made.id }
  } catch (error) {
    // The usual advice on 401 is to sign in, which is just what failed.
    if (error instanceof ApiError && error.status === 401) throw new Failure(error.message, { cause: error })
    throw error
  }
}
