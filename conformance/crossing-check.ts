import { type Check, fail, pass, Skipped, type Verdict, warn } from './check.js'
import { type Exchange, isOk, outcomeOf, statusOf } from './exchange.js'
import { type Inspection, type Made, rest } from './inspection.js'

/** The longest pause between the request and its removal, in milliseconds. */
const gapMsMax = 1_000

/** A removal while the request for the resource is still being worked on. */
export const crossing: Check = {
  id: 'after.crossing',
  title: 'a removal during the provisioning leaves nothing',
  rule: 'DELETE while the POST is not answered (or answered with 202): in the end the resource is gone, whatever the order.',
  source: 'gap of kensa; sbosio/mylogger-addon answers 410 and goes on',
  advice: 'Let the removal wait for the work in progress, or mark the uuid so that the work undoes itself.',
  async run(it) {
    if (!it.isV3) throw new Skipped('v1 names a resource by the id in its answer')
    const first = await it.live()
    if (statusOf(first.exchange) === 202) return duringJob(it)
    const halfMs = Math.min(first.exchange.ms / 2, gapMsMax)
    for (const gapMs of [halfMs, halfMs / 4]) {
      const verdict = await duringRequest(it, gapMs)
      if (verdict) return verdict
    }
    return (await duringRequest(it, 0)) as Verdict
  },
}

/** @returns null when the answer came before the removal could be sent; without a gap there is always a verdict */
async function duringRequest(it: Inspection, gapMs: number): Promise<Verdict | null> {
  const prepared = it.prepare()
  let isAnswered = false
  const asking = it.provision(prepared).finally(() => {
    isAnswered = true
  })
  // A rejection is looked at below; it must not be called unhandled meanwhile.
  asking.catch(() => undefined)
  if (gapMs > 0) await rest(gapMs)
  const isCrossed = !isAnswered
  if (!isCrossed) await asking
  const removal = await it.partner.deprovision(prepared)
  const made = await asking
  if (!isCrossed) return null
  const evidence = [made.exchange, removal]
  const verdict = await judge(it, made, removal, evidence)
  // Without a gap nobody knows which of the two arrived first; then it is the case of `after.reordered`.
  return verdict.status === 'fail' && gapMs === 0 && removal.answer ? { ...verdict, status: 'warn' } : verdict
}

/** The provider answered 202 and works on: the removal meets its job. */
async function duringJob(it: Inspection): Promise<Verdict> {
  const made = await it.provision(it.prepare())
  if (!isOk(made.exchange)) return fail(`The request got ${outcomeOf(made.exchange)}.`, made.exchange)
  if (made.addon.state !== 'provisioning') return pass(made.exchange)
  made.addon.state = 'deprovisioning'
  const removal = await it.partner.deprovision(made)
  const evidence = [made.exchange, removal]
  // As long as the first one took, and half as long again: a job that was not stopped would have reported.
  const patienceMs = Math.min((it.completionMs ?? 0) * 1.5 + 300, it.limits.asyncMs)
  // What it sent before it answered the removal may still arrive.
  await rest(it.limits.graceMs)
  const heard = it.platform.calls.length
  if ((isOk(removal) && statusOf(removal) !== 202) || statusOf(removal) === 410) made.addon.state = 'deprovisioned'
  const isReported = () =>
    it.platform.calls
      .slice(heard)
      .some(({ uuid, kind, status }) => uuid === made.uuid && kind === 'action' && status === 410)
  if (isOk(removal) || statusOf(removal) === 410) {
    if (await it.platform.waitUntil(isReported, patienceMs)) {
      return fail('It reported the resource as ready after it had answered the removal.', evidence)
    }
  }
  return judge(it, made, removal, evidence)
}

async function judge(it: Inspection, made: Made, removal: Exchange, evidence: Exchange[]): Promise<Verdict> {
  const status = statusOf(removal)
  if (!removal.answer || status >= 500) return fail(`The removal got ${outcomeOf(removal)}.`, evidence)
  // "Not yet" is an honest answer: the platform asks again.
  if (!isOk(removal) && status !== 404 && status !== 410) return pass(evidence)
  if (status === 202) return pass(evidence)
  if (!isOk(made.exchange)) return pass(evidence)
  const probe = await it.partner.changePlan(made, made.plan)
  if (!isOk(probe)) return pass([...evidence, probe])
  // Some say yes to any change; then only the request itself tells whether the uuid is known to be gone.
  const uuid = it.world.id()
  const nobody = await it.partner.changePlan({ uuid, id: uuid, herokuId: 'app1@heroku.com' }, it.plan)
  if (isOk(nobody))
    return warn('It says yes to every plan change: whether the resource is gone cannot be seen.', evidence)
  return fail(`The removal got ${outcomeOf(removal)}, and yet the resource is there.`, [...evidence, probe])
}
