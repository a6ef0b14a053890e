import { type Check, fail, type Phase, pass, Skipped, type Verdict, warn } from './check.js'
import { outcomeOf, statusOf } from './exchange.js'
import type { Inspection } from './inspection.js'
import { isLetIn, signOn, type Visit } from './sso-browser.js'
import { dashboardOf, type FormWishes, forged, ssoForm, type TokenField } from './sso-form.js'
import { loginChecks } from './sso-login-checks.js'
import { timeCheck } from './time-check.js'

const single = 'Dev Center, Add-on Single Sign-on (2014, 2026)'

async function visit(
  it: Inspection,
  wishes: FormWishes,
  edit = (form: Record<string, string>) => form,
): Promise<Visit> {
  const made = await dashboardOf(it)
  return signOn(it, edit(ssoForm(it, made, wishes)))
}

function expect403({ last, exchanges }: Visit): Verdict {
  return statusOf(last) === 403 ? pass(exchanges) : fail(`Expected 403, got ${outcomeOf(last)}.`, exchanges)
}

const forgedAll: Check = {
  id: 'sso.forged',
  title: 'forged tokens are refused',
  rule: 'A form whose tokens are wrong is answered with 403.',
  source: 'kensa, validates token',
  advice: 'Compute the token from id, salt and timestamp, compare in constant time, and answer 403 when it differs.',
  run: async (it) => expect403(await visit(it, {}, forged)),
}

const wrongSalt: Check = {
  id: 'sso.wrong-salt',
  title: 'tokens made with another salt are refused',
  rule: 'Only who knows api.sso_salt can sign a form; any other is answered with 403.',
  source: single,
  advice: 'Put the salt of the manifest into the digest; example salts are known to everybody.',
  run: async (it) => expect403(await visit(it, { salt: `not-${it.manifest.api.sso_salt}` })),
}

const stale: Check = {
  id: 'sso.stale',
  title: 'a form of six minutes ago is refused',
  rule: 'A form is good for five minutes; an older one is answered with 403, however well it is signed.',
  source: 'kensa, validates timestamp',
  advice: 'Compare timestamp (unix seconds) with the clock, and answer 403 when it is over 300 s old.',
  run: async (it) => expect403(await visit(it, { age: 360 })),
}

const future: Check = {
  id: 'sso.future',
  title: 'a form of the future is refused',
  rule: 'A timestamp well ahead of the clock (here 30 minutes) is not fresh: it would be good for longer than five minutes.',
  source: 'Mortise, single sign-on',
  advice: 'Refuse timestamps more than a minute ahead.',
  async run(it) {
    const seen = await visit(it, { age: -1_800 })
    return isLetIn(seen) ? warn('It was let in.', seen.exchanges) : pass(seen.exchanges)
  },
}

function forgedAlone(field: TokenField, id: string, formula: string): Check {
  return {
    id: `sso.${id}`,
    title: `a forged ${field} alone opens nothing`,
    rule: `${field} is ${formula}. A form that carries no other token is refused when it is wrong.`,
    source: single,
    advice: `Check ${field} when it is there, and refuse a form without any token that you know.`,
    async run(it) {
      const seen = await visit(it, { tokens: [field] }, forged)
      if (isLetIn(seen)) return fail(`It was let in with ${outcomeOf(seen.last)}.`, seen.exchanges)
      if (statusOf(seen.last) >= 500 || !seen.last.answer)
        return fail(`Expected 403, got ${outcomeOf(seen.last)}.`, seen.exchanges)
      return pass(seen.exchanges)
    },
  }
}

const editedPerson: Check = {
  id: 'sso.edited-person',
  title: 'a form with another person in it is refused',
  rule: 'user_scoped_resource_token covers user_id and email; with the older tokens whoever holds the form can edit them.',
  source: 'Dev Center, Add-on Single Sign-on (2026); CleverCloud/documentation #523',
  advice: 'Check user_scoped_resource_token and ignore the older two, and say "sso": "user_scoped" in the manifest.',
  async run(it) {
    const seen = await visit(it, {}, (form) => ({ ...form, email: 'boss@example.com', user_id: it.world.id() }))
    if (!isLetIn(seen)) return pass(seen.exchanges)
    const bad = it.manifest.api.sso === 'user_scoped' ? fail : warn
    return bad('The person in the form was changed after it was signed, and was let in.', seen.exchanges)
  },
}

const otherResource: Check = {
  id: 'sso.other-resource',
  title: 'a form for one resource does not open another',
  rule: 'The tokens cover the resource: with another resource in the form they are wrong.',
  source: single,
  advice: 'Compute the token from the id in the form, and open that very resource.',
  async run(it) {
    await dashboardOf(it)
    const other = await it.second()
    const seen = await visit(it, {}, (form) => ({ ...form, id: other.id ?? other.uuid, resource_id: other.uuid }))
    if (isLetIn(seen)) return fail(`It was let in with ${outcomeOf(seen.last)}.`, seen.exchanges)
    return pass(seen.exchanges)
  },
}

const replayed: Check = {
  id: 'sso.replay',
  title: 'a used form is refused',
  rule: 'A form is good once. Heroku does not ask for it, but a form from a history or a log opens the dashboard for five minutes.',
  source: 'Mortise, single sign-on',
  advice: 'Remember used tokens for five minutes, and answer 403 when one comes again.',
  async run(it) {
    const form = ssoForm(it, await dashboardOf(it))
    const first = await signOn(it, form)
    if (!isLetIn(first)) throw new Skipped('the first use was refused')
    const second = await signOn(it, form)
    const exchanges = [...first.exchanges, ...second.exchanges]
    return isLetIn(second) ? warn('The same form was let in twice.', exchanges) : pass(exchanges)
  },
}

const unknownId: Check = {
  id: 'sso.unknown-id',
  title: 'a well signed form for an unknown resource is answered with 404',
  rule: 'A resource that is not there is 404.',
  source: 'Dev Center, Add-on Single Sign-on (2014); gap of kensa',
  advice: 'Look the resource up after the token was found good, and answer 404 when it is not there.',
  async run(it) {
    await dashboardOf(it)
    const uuid = it.world.id()
    return judgeMissing(await visit(it, { of: { uuid, id: uuid } }))
  },
}

/** What a sign-on to something that is not there may be answered. */
export function judgeMissing(seen: Visit): Verdict {
  const status = statusOf(seen.last)
  if (status === 404) return pass(seen.exchanges)
  if (status === 403 || status === 410) return warn(`Expected 404, got ${status}.`, seen.exchanges)
  return fail(`Expected 404, got ${outcomeOf(seen.last)}.`, seen.exchanges)
}

export const ssoPhase: Phase = {
  id: 'sso',
  title: 'single sign-on',
  checks: [
    ...loginChecks,
    forgedAll,
    wrongSalt,
    forgedAlone('token', 'token', 'sha1(id:salt:timestamp)'),
    forgedAlone('resource_token', 'resource-token', 'sha1(resource_id:salt:timestamp)'),
    forgedAlone('user_scoped_resource_token', 'user-scoped-token', 'sha256(resource_id:salt:timestamp:user_id:email)'),
    stale,
    future,
    replayed,
    editedPerson,
    otherResource,
    unknownId,
    timeCheck('sso', 'sign-on'),
  ],
}
