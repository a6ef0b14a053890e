import { authChecks } from './auth-checks.js'
import { type Check, fail, type Phase, pass, Skipped, warn } from './check.js'
import { isOk, outcomeOf, statusOf } from './exchange.js'
import { timeCheck } from './time-check.js'

const removes: Check = {
  id: 'deprovision.answer',
  title: 'a live resource is removed',
  rule: 'DELETE base_url/ID of a live resource answers 204 (200 in v1), or 202 when it takes time.',
  source: 'kensa, deprovision response; Dev Center, Add-on Partner API reference (2025)',
  advice: 'Remove the resource and answer 204. 404 and 410 say that it was not there.',
  async run(it) {
    const { removal } = await it.removed()
    if (isOk(removal)) return pass(removal)
    return fail(`Expected 204, got ${outcomeOf(removal)}.`, removal)
  },
}

const accept: Check = {
  id: 'deprovision.accept',
  title: 'the Accept header of the platform is good enough',
  rule: 'DELETE carries the same Accept header as the other calls, though the answer has no body.',
  source: 'fission-codes/fission #140: a strict server answered 406',
  advice: 'Do not negotiate the type of an answer that has no body.',
  async run(it) {
    const { before, removal } = await it.removed()
    return before ? warn('It answered 406, and was asked again with Accept: */*.', [before, removal]) : pass(removal)
  },
}

const completion: Check = {
  id: 'deprovision.completion',
  title: 'a removal that was answered with 202 is reported',
  rule: 'After 202 the provider calls POST /addons/:uuid/actions/deprovision when the resource is gone.',
  source: 'Dev Center, Asynchronous Deprovisioning of Add-ons (2023)',
  advice:
    'Call actions/deprovision with the token of the add-on; it works until then. If it takes longer here, say --wait SECONDS.',
  async run(it) {
    const { removal, addon } = await it.removed()
    if (statusOf(removal) !== 202) throw new Skipped('the resource was gone at once')
    if (addon.state === 'deprovisioned') return pass(removal)
    return fail(`Nothing was reported within ${it.limits.asyncMs / 1000} s.`, removal)
  },
}

export const deprovisionPhase: Phase = {
  id: 'deprovision',
  title: 'deprovision: removing the resource',
  checks: [
    ...authChecks('deprovision', async (it, as) => it.partner.deprovision(await it.live(), { as })),
    removes,
    accept,
    completion,
    timeCheck('deprovision', 'a removal'),
  ],
}
