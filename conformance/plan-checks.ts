import { isDeepStrictEqual } from 'node:util'
import { isFields } from '@mortise/contract/manifest/fields'
import { authChecks } from './auth-checks.js'
import { type Check, fail, type Phase, pass, Skipped, type Verdict, warn } from './check.js'
import { type Exchange, fieldsOf, isOk, messageOf, outcomeOf, statusOf } from './exchange.js'
import type { Inspection, Made } from './inspection.js'
import { unknownPlan } from './provision-checks.js'
import { judgeRefusal } from './refusal.js'
import { timeCheck } from './time-check.js'

/** Sends the change and takes over what its answer sets. */
async function change(it: Inspection, made: Made, plan: string): Promise<Exchange> {
  const exchange = await it.partner.changePlan(made, plan)
  const { config } = fieldsOf(exchange)
  if (!isOk(exchange)) return exchange
  made.addon.plan = plan
  for (const [name, value] of Object.entries(isFields(config) ? config : {})) {
    if (typeof value === 'string') made.addon.config.set(name, value)
  }
  return exchange
}

const otherPlan = ({ manifest, plan }: Inspection) => manifest.plans.find(({ name }) => name !== plan)?.name

const same: Check = {
  id: 'plan.same',
  title: 'a change to the plan it already has does nothing',
  rule: 'PUT with the present plan answers 2xx and leaves the config as it is: requests come twice.',
  source: 'Dev Center, Add-on Partner API reference (2025), plan change',
  advice: 'Compare with the plan you know first, and answer 200.',
  async run(it) {
    const made = await it.live()
    const before = Object.fromEntries(made.addon.config)
    const exchange = await change(it, made, made.addon.plan)
    if (!isOk(exchange)) return (await byUuid(it, made)) ?? fail(`Expected 200, got ${outcomeOf(exchange)}.`, exchange)
    const isKept = isDeepStrictEqual(before, Object.fromEntries(made.addon.config))
    return isKept ? pass(exchange) : fail('The answer changed the config, although nothing else changed.', exchange)
  },
}

/** Whether a provider whose manifest does not say its version looks resources up by our uuid: then it is one of version 3. */
async function byUuid(it: Inspection, made: Made): Promise<Verdict | null> {
  const { version } = isFields(it.raw.api) ? it.raw.api : {}
  if (typeof version === 'string' || typeof version === 'number' || made.id === made.uuid) return null
  const exchange = await it.partner.changePlan({ ...made, id: made.uuid }, made.addon.plan)
  if (!isOk(exchange)) return null
  return fail(
    `It does not know ${made.id}, the id of its answer, but it knows the uuid: it speaks version 3. Write "version": "3" into api.`,
    exchange,
  )
}

const changes: Check = {
  id: 'plan.change',
  title: 'a change to another plan is answered with 200',
  rule: 'PUT base_url/ID with {"plan"} answers 2xx, or 422 with a message when it cannot be done.',
  source: 'kensa, plan change response',
  advice: 'Answer 200 (202 when it takes time), or 422 with {"message"} that says what the customer can do.',
  async run(it) {
    const made = await it.live()
    const plan = otherPlan(it)
    if (!plan) throw new Skipped('the manifest has one plan only')
    const exchange = await change(it, made, plan)
    if (isOk(exchange)) return pass(exchange)
    const isRefused = [402, 422, 503].includes(statusOf(exchange)) && messageOf(exchange)
    if (isRefused) return warn('Plans cannot be changed; the customer reads why.', exchange)
    return fail(`Expected 200, got ${outcomeOf(exchange)}.`, exchange)
  },
}

const again: Check = {
  id: 'plan.repeat',
  title: 'the same change again is answered alike',
  rule: 'A change that comes again answers 2xx: the first answer may have been lost.',
  source: 'Dev Center, Add-on Partner API reference (2025): delivery is at least once',
  advice: 'Treat "is on that plan already" as success.',
  async run(it) {
    const made = await it.live()
    const plan = otherPlan(it)
    if (!plan) throw new Skipped('the manifest has one plan only')
    if (made.addon.plan !== plan) throw new Skipped('the first change was not made')
    const exchange = await change(it, made, plan)
    return isOk(exchange) ? pass(exchange) : fail(`The repeat got ${outcomeOf(exchange)}.`, exchange)
  },
}

const config: Check = {
  id: 'plan.config',
  title: 'config in the answer to a change is declared and text',
  rule: 'An answer may replace config values; the rules are those of provision.',
  source: 'Dev Center, Add-on Provider API (2014), plan change',
  advice: 'Return only names from api.config_vars, with text values; leave config out when nothing changed.',
  async run(it): Promise<Verdict> {
    await it.live()
    const withConfig = it.exchanges.plan.filter((each) => isOk(each) && fieldsOf(each).config != null)
    if (withConfig.length === 0) throw new Skipped('no answer held config')
    for (const exchange of withConfig) {
      const { config } = fieldsOf(exchange)
      if (!isFields(config)) return fail('"config" is not an object.', exchange)
      for (const [name, value] of Object.entries(config)) {
        if (!it.manifest.api.config_vars.includes(name)) return fail(`${name} is not in the manifest.`, exchange)
        if (typeof value !== 'string') return fail(`The value of ${name} is not text.`, exchange)
      }
    }
    return pass(withConfig)
  },
}

const noSuchPlan: Check = {
  id: 'plan.refusal',
  title: 'a plan that does not exist is refused with 422 and a message',
  rule: 'What cannot be served is refused: 422, or 503 for the moment, with {"message"} for the customer.',
  source: 'Dev Center, Add-on Provider API (2014), plan change',
  advice: 'Answer 422 with {"message": "There is no plan …"}.',
  async run(it) {
    const made = await it.live()
    const exchange = await it.partner.changePlan(made, unknownPlan)
    // Whoever took it is on a plan that is not there; back, so that the rest is inspected as usual.
    if (isOk(exchange)) await change(it, made, made.addon.plan)
    return judgeRefusal(exchange, 'It changed to a plan that does not exist.')
  },
}

const unknownId: Check = {
  id: 'plan.unknown-id',
  title: 'a change of an unknown resource is answered with 404',
  rule: 'An id that was never given is 404 (or 410), not a success and not an error of the server.',
  source: 'gap of kensa; Dev Center, Add-on Partner API reference (2025)',
  advice: 'Look the resource up first and answer 404 when it is not there.',
  async run(it) {
    await it.first()
    const uuid = it.world.id()
    const exchange = await it.partner.changePlan({ uuid, id: uuid, herokuId: 'app1@heroku.com' }, it.plan)
    const status = statusOf(exchange)
    if (status === 404 || status === 410) return pass(exchange)
    if (status === 422) return warn('Expected 404, got 422.', exchange)
    return fail(`Expected 404, got ${outcomeOf(exchange)}.`, exchange)
  },
}

export const planPhase: Phase = {
  id: 'plan',
  title: 'plan change',
  checks: [
    ...authChecks('plan', async (it, as) => it.partner.changePlan(await it.live(), it.plan, as)),
    same,
    changes,
    again,
    config,
    noSuchPlan,
    unknownId,
    timeCheck('plan', 'a change of plan'),
  ],
}
