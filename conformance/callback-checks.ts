import { type Check, fail, type Phase, pass, Skipped, type Verdict, warn } from './check.js'
import { isOk, statusOf } from './exchange.js'
import type { Call } from './fake-routes.js'
import type { Inspection } from './inspection.js'

/** What the provider sent to the platform, and what it was answered, as evidence. */
function evidenceOf(call: Call, { mask, platform }: Inspection): { sent: string; received: string } {
  const { method, path, body, status, problem } = call
  return {
    sent: `the provider sent: ${method} ${platform.url}${mask.text(path)}${body ? `\n${mask.body(body)}` : ''}`,
    received: `the platform answered: ${status}${problem ? ` ${mask.text(problem)}` : ''}`,
  }
}

/** Judges the calls of one kind: the first with a problem, or the last good one. */
export function judgeCalls(it: Inspection, calls: Call[], nothing: string, bad: typeof fail = fail): Verdict {
  const last = calls.at(-1)
  if (!last) throw new Skipped(nothing)
  const wrong = calls.find(({ problem }) => problem !== null)
  return wrong ? bad(it.mask.text(wrong.problem ?? ''), evidenceOf(wrong, it)) : pass(evidenceOf(last, it))
}

const completion: Check = {
  id: 'callbacks.completion',
  title: 'what was answered with 202 is reported as ready',
  rule: 'After 202 the provider calls POST /addons/:uuid/actions/provision when the resource is ready (v1: PUT callback_url).',
  source: 'kensa, async response; Dev Center, Asynchronous Provisioning of Add-ons (2024)',
  advice:
    'Trade the grant, set the config by PATCH, then call actions/provision, at the origin of callback_url: start the provider with that as its platform (PLATFORM_URL) and with any CLIENT_SECRET. If it takes longer here, say --wait SECONDS.',
  async run(it) {
    const { exchange, addon } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    if (statusOf(exchange) !== 202) throw new Skipped('the resource was ready at once')
    await it.live().catch((error) => {
      if (!(error instanceof Skipped)) throw error
    })
    if (addon.state === 'failed') return fail('It reported that the resource could not be made.', exchange)
    if (addon.state === 'provisioning') {
      // Most often the provider was started for another platform, and calls that.
      const heard = it.platform.calls.length > 0 ? '' : `, and the provider never called ${it.platform.url}`
      return fail(`Nothing was reported within ${it.limits.asyncMs / 1000} s${heard}.`, exchange)
    }
    return pass(exchange)
  },
}

const grant: Check = {
  id: 'callbacks.grant',
  title: 'the grant is traded for a token',
  rule: 'POST /oauth/token with grant_type, the code (five minutes old at most) and client_secret. Only those who call back need it.',
  source: 'Dev Center, Add-on Partner API reference (2025), grant exchange',
  advice: 'Send grant_type=authorization_code, code and client_secret as a form, after your answer is out.',
  async run(it) {
    const { exchange } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    const isToken = (call: Call) => call.kind === 'token'
    await it.quiet()
    return judgeCalls(it, it.platform.calls.filter(isToken), 'the provider did not trade it; it need not')
  },
}

const token: Check = {
  id: 'callbacks.token',
  title: 'calls to the platform carry the token of their add-on',
  rule: 'Every call carries the Bearer token of the add-on that it is about (v1: the id and password of the manifest).',
  source: 'Dev Center, Platform API for Partners',
  advice: 'Keep the tokens of each resource apart, by its uuid.',
  async run(it) {
    await it.quiet()
    const calls = it.platform.calls.filter(({ kind }) => kind === 'config' || kind === 'action' || kind === 'read')
    const strangers = calls.map((call) =>
      call.status === 401 || call.status === 404 ? call : { ...call, problem: null },
    )
    return judgeCalls(it, strangers, 'the provider did not call')
  },
}

const config: Check = {
  id: 'callbacks.config',
  title: 'config is set by its declared names, as text',
  rule: 'PATCH /addons/:uuid/config with {"config": [{"name", "value"}]}: names from the manifest; text, or null to remove.',
  source: 'Heroku Platform API reference, add-on config; Dev Center, Add-on App Info (2014) for PUT',
  advice: 'Declare the name in api.config_vars, and send values as text.',
  async run(it) {
    await it.quiet()
    const calls = it.platform.calls.filter(
      ({ kind, status }) => kind === 'config' && (status === 200 || status === 422),
    )
    return judgeCalls(it, calls, 'the provider did not set config')
  },
}

const early: Check = {
  id: 'callbacks.early',
  title: 'the platform is called after the answer, not before',
  rule: 'The add-on exists for the platform when the answer was read; Heroku answers calls before that with 404.',
  source: 'Dev Center, Add-on App Info (2014)',
  advice: 'Call from a job that begins when your answer is out.',
  async run(it) {
    await it.quiet()
    const calls = it.platform.calls.filter(({ kind }) => kind !== 'other')
    const judged = calls.map((call) => ({
      ...call,
      problem: call.isEarly ? 'It called before it had answered.' : null,
    }))
    return judgeCalls(it, judged, 'the provider did not call', warn)
  },
}

const known: Check = {
  id: 'callbacks.known',
  title: 'only what the platform has is asked for',
  rule: 'A provider may use the calls that partners have: tokens, add-on, config, actions, App Info, logs.',
  source: 'Dev Center, Platform API for Partners',
  advice: 'Check the path. Calls that this pretended platform lacks may exist on a real one.',
  async run(it) {
    await it.quiet()
    const calls = it.platform.calls.map((call) => (call.kind === 'other' ? call : { ...call, problem: null }))
    return judgeCalls(it, calls, 'the provider did not call', warn)
  },
}

export const callbackPhase: Phase = {
  id: 'callbacks',
  title: 'call-backs: grant, config, and reporting what is ready',
  checks: [completion, grant, token, config, early, known],
}
