import { hostname } from 'node:os'
import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from '../../api.js'
import { Flags, MortiseCommand } from '../../command.js'
import { type Credential, writeCredential } from '../../credentials.js'
import { Failure, wrongUsage } from '../../failure.js'
import { openInBrowser } from '../../open-url.js'
import { ask, canAsk, readStdin } from '../../prompt.js'

/** A month: long enough not to bother, short enough that a lost laptop's token ends. */
const loginSeconds = 30 * 24 * 3600

export default class Login extends MortiseCommand {
  static override description = 'sign in through the browser and keep the key for this server'
  static override aliases = ['login']
  static override examples = [
    '$ mortise login',
    '$ mortise login --interactive',
    '$ mortise login --email you@example.com --password-stdin < password.txt',
    '$ mortise login --api-key - < key.txt',
  ]
  static override flags = {
    interactive: Flags.boolean({ char: 'i', description: 'ask for e-mail and password here', exclusive: ['browser'] }),
    browser: Flags.boolean({ description: 'use the browser although there is no terminal here', exclusive: ['email'] }),
    email: Flags.string({ char: 'e', description: 'your e-mail' }),
    'password-stdin': Flags.boolean({ description: 'read the password from standard input', dependsOn: ['email'] }),
    'api-key': Flags.string({
      description: 'an API key that you already have; - reads it from standard input',
      exclusive: ['email', 'password-stdin', 'interactive', 'browser'],
      helpValue: 'KEY',
    }),
  }

  async run() {
    const { flags } = await this.parse(Login)
    const host = this.hostOf(flags)
    const usesBrowser = flags.browser || (canAsk() && !flags.interactive && !flags.email)
    const credential = flags['api-key']
      ? await this.byKey(host, flags['api-key'])
      : usesBrowser
        ? await this.byBrowser(host)
        : await this.byPassword(host, flags)
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

  /** The person approves in the browser, where they are signed in; this waits until they have decided. */
  private async byBrowser(host: string): Promise<Credential> {
    const api = this.connectAs(host)
    const body = { description: `mortise login on ${hostname()}` }
    const { browser_url, cli_url, token } = await api.call(routes.login.begin, { body })
    const page = new URL(browser_url, host)
    // A server that sends people elsewhere to sign in is not the one that was asked.
    if (page.origin !== new URL(host).origin) throw new Failure('The server named a sign-in page that is not its own.')
    const isOpen = await openInBrowser(page.href, process.env)
    this.note(`${isOpen ? 'Approve in the browser. If it did not open, open' : 'To approve, open'} ${page.href}`)
    const login = cli_url.split('/').at(-1) ?? ''
    const decided = await this.during('Waiting for the browser', () => awaitDecision(api, login, token))
    if (!decided.access_token) throw new Failure(decided.error ?? 'The server let nobody in.')
    const { email } = await this.connectAs(host, decided.access_token).call(routes.account.info)
    return {
      email,
      token: decided.access_token,
      ...(decided.authorization ? { authorization: decided.authorization } : {}),
    }
  }

  private async byPassword(host: string, flags: { email?: string; 'password-stdin'?: boolean }): Promise<Credential> {
    if (!flags['password-stdin'] && !canAsk()) {
      throw wrongUsage('There is no terminal to ask on.', 'Pass --email and --password-stdin, --api-key, or --browser.')
    }
    const email = flags.email ?? (await ask('E-mail: ')).trim()
    const password = flags['password-stdin'] ? await readStdin() : await ask('Password: ', { hidden: true })
    return await authorize(this.connectAs(host), email, password)
  }
}

/** The server holds each question open for a while and answers 503 until there is a decision, for ten minutes at most. */
async function awaitDecision(api: Api, login: string, token: string) {
  for (;;) {
    try {
      return await api.call(routes.login.await, { params: { login }, headers: { authorization: `Bearer ${token}` } })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 503)) throw error
      // Asked again at once: waiting is what the server does. The pause is for one that does not.
      await new Promise((done) => setTimeout(done, 500))
    }
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
