import { judgeCalls } from './callback-checks.js'
import { type Check, fail, type Phase, pass, Skipped, type Verdict, warn } from './check.js'
import { crossing } from './crossing-check.js'
import { type Exchange, isOk, outcomeOf, statusOf } from './exchange.js'
import { unlisted } from './list-checks.js'
import { signOn } from './sso-browser.js'
import { judgeMissing } from './sso-checks.js'
import { dashboardOf, ssoForm } from './sso-form.js'

/** What a DELETE of something that is not there may be answered. @param isV3 v3 has its own word for it */
function judgeGone(exchange: Exchange, isV3: boolean): Verdict {
  const status = statusOf(exchange)
  if (isOk(exchange) || status === 410) return pass(exchange)
  if (status === 404) return isV3 ? warn('410 is clearer: 404 may also be a wrong address.', exchange) : pass(exchange)
  return fail(`Expected ${isV3 ? '410' : '200, 404 or 410'}, got ${outcomeOf(exchange)}.`, exchange)
}

const again: Check = {
  id: 'after.repeat',
  title: 'a removal that comes twice is answered with 410',
  rule: 'The second DELETE answers 410, or success again: the first answer may have been lost.',
  source: 'Dev Center, Add-on Partner API reference (2025)',
  advice: 'Answer 410 for what was removed.',
  async run(it) {
    const made = await it.removed()
    if (!isOk(made.removal)) throw new Skipped('the resource was not removed')
    return judgeGone(await it.partner.deprovision(made), it.isV3)
  },
}

const lateRepeat: Check = {
  id: 'after.provision',
  title: 'a request for a removed uuid is answered with 410',
  rule: 'A late repeat of the request for a removed resource makes nothing: 410.',
  source: 'Dev Center, Add-on Partner API reference (2025)',
  advice: 'Keep the uuids of removed resources, and answer 410.',
  async run(it) {
    const made = await it.removed()
    if (!isOk(made.removal)) throw new Skipped('the resource was not removed')
    const exchange = await it.partner.provision(made.question)
    if (statusOf(exchange) === 410) return pass(exchange)
    // v1 learned the uuid late; a resource that nobody knows is an orphan there, too, but old code cannot know better.
    if (isOk(exchange)) return (it.isV3 ? fail : warn)('It made a resource that nobody will remove.', exchange)
    if (statusOf(exchange) >= 500 || !exchange.answer)
      return fail(`Expected 410, got ${outcomeOf(exchange)}.`, exchange)
    return warn(`Nothing was made, but 410 was expected and ${outcomeOf(exchange)} came.`, exchange)
  },
}

const changed: Check = {
  id: 'after.plan',
  title: 'a plan change of a removed resource is answered with 404 or 410',
  rule: 'What is gone cannot be changed: 404 or 410.',
  source: 'Mortise, what an answer means',
  advice: 'Look at the state of the resource before you change it.',
  async run(it) {
    const made = await it.removed()
    if (!isOk(made.removal)) throw new Skipped('the resource was not removed')
    const exchange = await it.partner.changePlan(made, made.plan)
    if ([404, 410].includes(statusOf(exchange))) return pass(exchange)
    if (statusOf(exchange) === 422) return warn('Expected 410, got 422.', exchange)
    return fail(`Expected 410, got ${outcomeOf(exchange)}.`, exchange)
  },
}

const signedOn: Check = {
  id: 'after.sso',
  title: 'nobody signs on to a removed resource',
  rule: 'A well signed form for a resource that is gone is answered with 404.',
  source: 'Dev Center, Add-on Single Sign-on (2014)',
  advice: 'Look the resource up after the token was found good, and answer 404 when it is gone.',
  async run(it) {
    await dashboardOf(it)
    const made = await it.removed()
    if (!isOk(made.removal)) throw new Skipped('the resource was not removed')
    return judgeMissing(await signOn(it, ssoForm(it, made)))
  },
}

const unknownId: Check = {
  id: 'after.unknown-id',
  title: 'a removal of an unknown resource is answered with 410',
  rule: 'DELETE of an id that was never given is 410 (or 404): there is nothing to remove.',
  source: 'gap of kensa; heroku/sudo-sandwich answers 500',
  advice: 'Look the resource up first and answer 410 when it is not there.',
  async run(it) {
    await it.first()
    const uuid = it.world.id()
    return judgeGone(await it.partner.deprovision({ uuid, id: uuid, herokuId: 'app1@heroku.com' }), it.isV3)
  },
}

const reordered: Check = {
  id: 'after.reordered',
  title: 'a removal that overtakes its request wins',
  rule: 'When DELETE arrives before the POST it belongs to, the POST makes nothing: 410.',
  source: 'Mortise, ledger; requests may be reordered',
  advice: 'Remember the uuid of a DELETE even when you do not know it, and answer 410 to a later POST.',
  async run(it) {
    if (!it.isV3) throw new Skipped('v1 names a resource by the id in its answer')
    await it.first()
    const prepared = it.prepare()
    const removal = await it.partner.deprovision(prepared)
    const made = await it.provision(prepared)
    const evidence = [removal, made.exchange]
    if (statusOf(made.exchange) === 410) return pass(evidence)
    if (isOk(made.exchange)) return warn('It made a resource whose removal had come already.', evidence)
    return warn(`Nothing was made, but 410 was expected and ${outcomeOf(made.exchange)} came.`, evidence)
  },
}

const calls: Check = {
  id: 'after.calls',
  title: 'nothing is reported as ready after it was removed',
  rule: 'A job that is still running when its resource is removed ends with it; its report would be answered 410.',
  source: 'gap of kensa; sbosio/mylogger-addon leaves such an orphan',
  advice: 'Let the job look, before it reports, whether the resource is still wanted.',
  run(it) {
    const actions = it.platform.calls.filter(({ kind, status }) => kind === 'action' && status !== 401)
    return judgeCalls(it, actions, 'the provider did not report')
  },
}

export const afterPhase: Phase = {
  id: 'after',
  title: 'afterwards: what is gone stays gone',
  checks: [again, lateRepeat, changed, signedOn, unlisted, unknownId, reordered, crossing, calls],
}
