import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { spawn as spawnTerminal } from '@lydell/node-pty'
import type { LyingProvider } from './lying-provider.js'
import { ask } from './server-process.js'

/** What a person sees of one command. */
export interface Seen {
  code: number | string | null
  out: string
  err: string
  /** Both, with line ends, wrapping and the CLI's margin taken away, so that sentences can be found. */
  text: string
}

export interface HerokuCli {
  /** Runs a command to its end; nobody sits at a terminal. */
  (...args: string[]): Promise<Seen>
  /** The same with another token. */
  as(token: string, ...args: string[]): Promise<Seen>
  /**
   * Runs a command at a terminal, where somebody types each reply once what it answers was asked. One whose pattern never
   * comes is never typed.
   */
  typing(replies: [RegExp, string][], ...args: string[]): Promise<Seen>
  /** Runs a command until it has printed this, then ends it. @throws when it ends first or 2 minutes are over */
  until(pattern: RegExp, ...args: string[]): Promise<string>
}

/**
 * The unmodified CLI, pointed at a platform and at nothing else: each host that it would call has a variable, and its
 * home is a folder of its own (it writes into the git config of whoever runs it).
 * @param program its bin/run.js
 * @param apiKey empty for somebody who is not logged in
 * @param more environment variables besides
 */
export function herokuCli(
  program: string,
  home: string,
  platform: string,
  apiKey: string,
  more: Record<string, string> = {},
): HerokuCli {
  // Anything but localhost or 127.0.0.1 would only warn, and then go to heroku.com.
  if (!/^http:\/\/localhost:\d+$/.test(platform)) throw new Error(`${platform} is no address for the heroku CLI`)
  mkdirSync(home, { recursive: true })
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    HEROKU_HOST: platform,
    HEROKU_PARTICLEBOARD_URL: platform,
    HEROKU_LOGIN_HOST: platform,
    HEROKU_DATA_HOST: 'localhost',
    HEROKU_ADDONS_HOST: 'http://localhost',
    HEROKU_GIT_HOST: 'localhost',
    DISABLE_TELEMETRY: 'true',
    HEROKU_SKIP_ANALYTICS: '1',
    HEROKU_SKIP_NEW_VERSION_CHECK: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    ...more,
  }
  // Without a token the CLI looks for what it kept itself.
  const environmentOf = (token: string) => ({
    ...environment,
    ...(token ? { HEROKU_API_KEY: token } : { HEROKU_NETRC_WRITE: 'true' }),
  })
  const start = (token: string, args: string[]) =>
    spawn(process.execPath, ['--no-deprecation', program, ...args], {
      cwd: home,
      env: environmentOf(token),
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  function run(token: string, args: string[]): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const child = start(token, args)
      const said = { out: '', err: '' }
      child.stdout.setEncoding('utf8').on('data', (part) => (said.out += part))
      child.stderr.setEncoding('utf8').on('data', (part) => (said.err += part))
      const timer = setTimeout(() => child.kill('SIGKILL'), 180_000)
      child.once('error', reject)
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ code: code ?? signal, ...said, text: unwrapped(`${said.out}\n${said.err}`) })
      })
    })
  }

  return Object.assign((...args: string[]) => run(apiKey, args), {
    as: (token: string, ...args: string[]) => run(token, args),
    typing: (replies: [RegExp, string][], ...args: string[]) =>
      new Promise<Seen>((resolve) => {
        const terminal = spawnTerminal(process.execPath, ['--no-deprecation', program, ...args], {
          cwd: home,
          env: environmentOf(apiKey) as Record<string, string>,
          cols: 200,
        })
        const left = [...replies]
        let out = ''
        let from = 0
        terminal.onData((part) => {
          out += part
          const next = left[0]
          if (next?.[0].test(out.slice(from))) {
            left.shift()
            from = out.length
            terminal.write(next[1])
          }
        })
        const timer = setTimeout(() => terminal.kill('SIGKILL'), 180_000)
        terminal.onExit(({ exitCode }) => {
          clearTimeout(timer)
          resolve({ code: exitCode, out, err: '', text: unwrapped(out) })
        })
      }),
    until: (pattern: RegExp, ...args: string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = start(apiKey, args)
        const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
        let text = ''
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (part) => {
            text += part
            if (pattern.test(text)) child.kill('SIGTERM')
          })
        }
        child.once('error', reject)
        child.once('close', () => {
          clearTimeout(timer)
          if (pattern.test(text)) resolve(text)
          else reject(new Error(`heroku ${args.join(' ')} never printed ${pattern}, but: ${text}`))
        })
      }),
  })
}

function unwrapped(text: string): string {
  return text.replace(/[›»▸]/g, ' ').replace(/\s+/g, ' ').trim()
}

/** A manifest for lying-provider.ts under any slug. */
export function manifestFor(slug: string, provider: LyingProvider, password: string): object {
  const plan = (name: string, cents: number) => ({
    name,
    human_name: name,
    description: '',
    price: { cents, unit: 'month' },
    default: cents === 500,
    features: [],
    state: 'public',
    visible: true,
  })
  return {
    id: slug,
    name: slug,
    api: {
      version: '3',
      password,
      sso_salt: 'a-salt-for-trials-0123456789',
      config_vars: [`${prefixOf(slug)}_URL`],
      config_vars_prefix: prefixOf(slug),
      regions: ['us', 'eu'],
      requires: ['many_per_app', 'attachable'],
      production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/heroku/sso` },
    },
    plans: [plan('small', 500), plan('large', 5_000)],
  }
}

export const prefixOf = (slug: string) => slug.toUpperCase().replaceAll('-', '_')

/**
 * What a provider does after its 202: trades the grant's code, gives the values, says that it is done.
 * @param question the body of the provision that it was asked
 * @returns the headers of its later calls
 */
export async function finishProvision(
  port: number,
  clientSecret: string,
  question: Record<string, unknown>,
  config: Record<string, string>,
): Promise<{ authorization: string }> {
  const { code } = question['oauth_grant'] as { code: string }
  const traded = await ask(port, 'POST', '/oauth/token', {
    body: { grant_type: 'authorization_code', code, client_secret: clientSecret },
  })
  const headers = { authorization: `Bearer ${traded.body.access_token}` }
  const values = Object.entries(config).map(([name, value]) => ({ name, value }))
  const id = question['uuid']
  const given = await ask(port, 'PATCH', `/addons/${id}/config`, { headers, body: { config: values } })
  const done = await ask(port, 'POST', `/addons/${id}/actions/provision`, { headers })
  const statuses = [traded.status, given.status, done.status]
  if (statuses.some((status) => status >= 300)) throw new Error(`the platform answered ${statuses}`)
  return headers
}
