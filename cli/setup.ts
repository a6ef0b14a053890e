import { stat } from 'node:fs/promises'
import { ApiError } from '@mortise/contract/client'
import { type Finding, ok, problem, warning } from '@mortise/contract/finding'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { readCredential } from './credentials.js'

/** Beyond this, what runs out (a login, a signature) does so at the wrong moment. */
export const skewMsMax = 60_000
const answerMsMax = 10_000

/** What lies on this machine: the file of credentials, and what the environment says instead. */
export async function lookAtSetup(
  file: string,
  env: Record<string, string | undefined>,
  isSignedIn: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const found = await stat(file).catch(() => null)
  const check = 'credentials file'
  if (found && found.mode & 0o077) {
    const next = `Run: chmod 600 ${file}, then mortise logout and login, since somebody may have read it.`
    findings.push(problem(check, `Others may read ${file}.`, next))
  } else if (found) {
    const damage = await readCredential(file, '').then(
      () => null,
      (error: Error) => error.message,
    )
    findings.push(
      damage
        ? problem(check, damage, `Delete ${file}, then run mortise login again.`)
        : ok(check, `${file} is yours alone.`),
    )
  }
  if (env['MORTISE_API_KEY'] && isSignedIn) {
    const next = 'Unset MORTISE_API_KEY to act as whom you signed in.'
    findings.push(warning('environment', 'MORTISE_API_KEY is set and counts, not your login.', next))
  }
  return findings
}

/** Whether it can be reached, safely, and tells the same time. */
export async function lookAtServer(host: string, now: () => Date): Promise<Finding[]> {
  let answer: Response
  const from = now()
  try {
    const signal = AbortSignal.timeout(answerMsMax)
    answer = await fetch(`${host}/caller`, { headers: { accept: 'application/json' }, signal, redirect: 'error' })
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined
    const reason = cause?.code ?? (error as Error).message
    const next = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(reason)
      ? 'Its certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the one that signed it, or ask the operator.'
      : 'Check the address (--host, or MORTISE_HOST), and whether the server runs.'
    return [problem('server', `${host} can't be reached (${reason}).`, next)]
  }
  const caller = (await answer.json().catch(() => null)) as { address?: unknown } | null
  if (answer.status !== 200 || typeof caller?.address !== 'string') {
    const next = 'Check the address; a server of an older version says nothing of this kind, and is to be upgraded.'
    return [problem('server', `${host} answers, and not as Mortise does (${answer.status}).`, next)]
  }
  return [
    ok('server', `${host} answers; it sees you at ${caller.address}.`),
    lookAtWay(host),
    lookAtClock(answer, from, now()),
  ]
}

function lookAtWay(host: string): Finding {
  const { protocol, hostname } = new URL(host)
  const isHere = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]'
  if (protocol === 'https:' || isHere) return ok('way', 'Nobody on the way can read your token.')
  const next = 'Use the https address; ask the operator for it (docs/operating/tls.md).'
  return problem('way', `Your token goes to ${host} readable for everybody on the way.`, next)
}

function lookAtClock(answer: Response, from: Date, until: Date): Finding {
  const there = new Date(answer.headers.get('date') ?? '').getTime()
  // The header has whole seconds, and the question took its time.
  const skewMs = there < from.getTime() - 1_000 ? from.getTime() - there : Math.max(0, there - until.getTime())
  if (Number.isNaN(there) || skewMs <= skewMsMax) return ok('clock', 'This machine and the server tell the same time.')
  const next = 'Let this machine follow a time server (timedatectl set-ntp true).'
  return warning('clock', `The server's clock differs from this machine's by ${Math.round(skewMs / 1000)} s.`, next)
}

/** Who asks, and, if that is the operator, what needs one. */
export async function lookAtInstallation(api: Api): Promise<Finding[]> {
  let email: string
  try {
    email = (await api.call(routes.account.info)).email
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
    return [problem('login', 'You are not signed in there, or no longer.', 'Run: mortise login')]
  }
  const login = ok('login', `You are ${email}.`)
  try {
    const workers = await api.call(routes.workers.list)
    const stuck = await api.first(routes.operations.list, { query: { 'eq[state]': 'stuck' } })
    const providers = await api.call(routes.providers.list)
    return [login, ...operatorsFindings(workers, stuck.length, providers)]
  } catch (error) {
    // Whoever is no operator need not know.
    if (error instanceof ApiError && error.status === 403) return [login]
    throw error
  }
}

function operatorsFindings(
  workers: readonly { state: string; role: string; host: string; version: string }[],
  stuck: number,
  providers: readonly { name: string; circuit: { state: string } }[],
): Finding[] {
  const silent = workers.filter(({ state }) => state === 'silent')
  const versions = new Set(workers.filter(({ state }) => state === 'alive').map(({ version }) => version))
  const open = providers.filter(({ circuit }) => circuit.state === 'open').map(({ name }) => name)
  return [
    silent.length
      ? warning(
          'processes',
          `${silent.map(({ role, host }) => `${role} on ${host}`).join(', ')} said nothing for a while.`,
          'Look there, and start it again; see: mortise workers',
        )
      : ok('processes', `${workers.length} alive.`),
    ...(versions.size > 1
      ? [
          warning(
            'versions',
            `Processes of versions ${[...versions].join(' and ')} work together.`,
            'Restart the older ones.',
          ),
        ]
      : []),
    stuck
      ? problem(
          'operations',
          `${stuck} operations are stuck and need you.`,
          'See them with: mortise operations -s stuck',
        )
      : ok('operations', 'Nothing is stuck.'),
    open.length
      ? warning(
          'providers',
          `${open.join(', ')} is left alone after several failures.`,
          'See why with: mortise providers',
        )
      : ok('providers', 'Each is asked as usual.'),
  ]
}
