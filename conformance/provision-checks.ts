import { authChecks } from './auth-checks.js'
import { type Check, fail, type Phase, pass, Skipped, warn } from './check.js'
import { configChecks } from './config-checks.js'
import { fieldsOf, isOk, messageOf, outcomeOf, statusOf } from './exchange.js'
import { listed, listedToNobody } from './list-checks.js'
import { judgeRefusal } from './refusal.js'
import { timeCheck } from './time-check.js'

/** A plan that no service has. */
export const unknownPlan = 'inspect-no-such-plan'

const answers: Check = {
  id: 'provision.answer',
  title: 'the request is answered with 200, 201 or 202',
  rule: 'POST base_url makes a resource: 200 or 201 when it is there, 202 when it comes later.',
  source: 'kensa, provision response; Dev Center, Add-on Partner API reference (2025)',
  advice: 'Look into your log for this request. The platform sends exactly what is shown here.',
  async run(it) {
    const { exchange } = await it.first()
    if ([200, 201, 202].includes(statusOf(exchange))) return pass(exchange)
    return fail(`Expected 200, 201 or 202, got ${outcomeOf(exchange)}.`, exchange)
  },
}

const json: Check = {
  id: 'provision.json',
  title: 'the answer is a JSON object',
  rule: 'The body is a JSON object, whatever its content type says.',
  source: 'kensa, valid JSON',
  advice: 'Answer {"id": …, "config": {…}, "message": …}.',
  async run(it) {
    const { exchange } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    const { json, text } = exchange.answer ?? { json: undefined, text: '' }
    if (json === undefined) return fail(text === '' ? 'The body is empty.' : 'The body is not JSON.', exchange)
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? pass(exchange)
      : fail('The body is JSON, but not an object.', exchange)
  },
}

const id: Check = {
  id: 'provision.id',
  title: 'the answer holds an id',
  rule: 'The answer names the resource: "id" is a text or a number. In v3 it is normally the uuid of the request.',
  source: 'kensa, contains an id',
  advice: 'Add "id" to the answer: the uuid in v3, your own name of the resource in v1.',
  async run(it) {
    const { exchange } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    const { id } = fieldsOf(exchange)
    const isId = (typeof id === 'string' && id !== '') || Number.isInteger(id)
    return isId ? pass(exchange) : fail('There is no "id" that is a text or a whole number.', exchange)
  },
}

const ownId: Check = {
  id: 'provision.id-of-resource',
  title: 'the id names the resource, not the app',
  rule: 'The id does not contain the heroku_id: an app may have several of your add-ons, and apps change hands.',
  source: 'kensa, id does not contain heroku_id',
  advice: 'Make the id from the uuid, or from a counter of your own.',
  async run(it) {
    const { exchange, id, herokuId } = await it.first()
    if (id === null) throw new Skipped('there is no id')
    const digits = herokuId.replace(/\D/g, '')
    return id.includes(digits) ? fail('The id contains the heroku_id.', exchange) : pass(exchange)
  },
}

const distinctIds: Check = {
  id: 'provision.distinct-ids',
  title: 'two resources have two ids',
  rule: 'Different uuids are different resources, and each has an id of its own.',
  source: 'kensa, returns different ids',
  advice: 'Derive the id from the uuid of the request.',
  async run(it) {
    const [one, other] = [await it.live(), await it.second()]
    if (one.id === null || one.id !== other.id) return pass([one.exchange, other.exchange])
    return fail(`Both are ${JSON.stringify(one.id)}.`, [one.exchange, other.exchange])
  },
}

const message: Check = {
  id: 'provision.message',
  title: 'the message is text',
  rule: 'If there is a "message", it is text for the customer.',
  source: 'Dev Center, Add-on Provider API (2014)',
  advice: 'Make "message" one sentence, or leave it out.',
  async run(it) {
    const { exchange } = await it.first()
    const { message } = fieldsOf(exchange)
    if (message === undefined || message === null || typeof message === 'string') return pass(exchange)
    return warn('"message" is neither text nor null.', exchange)
  },
}

const logDrain: Check = {
  id: 'provision.log-drain',
  title: 'a log drain is returned where the manifest requires one',
  rule: 'With "syslog_drain" in api.requires the answer holds log_drain_url: https:// or syslog://.',
  source: 'kensa, log_drain_url is returned if required',
  advice: 'Answer "log_drain_url": "https://logs.example.com/…", or take syslog_drain out of the manifest.',
  async run(it) {
    if (!it.manifest.api.requires.includes('syslog_drain')) throw new Skipped('the manifest does not require it')
    const { exchange } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    const fields = fieldsOf(exchange)
    const url = fields.log_drain_url ?? fields.syslog_drain_url
    if (typeof url !== 'string') return fail('There is no log_drain_url.', exchange)
    const isUrl = /^(https|syslog|syslog\+tls):\/\/\S+$/.test(url)
    return isUrl ? pass(exchange) : fail('The log_drain_url is no https:// or syslog:// address.', exchange)
  },
}

const unknownFields: Check = {
  id: 'provision.unknown-fields',
  title: 'fields that are not known are ignored',
  rule: 'Platforms add fields; a request with one that you do not know is served like any other.',
  source: 'Dev Center, legacy Add-on Partner API reference (2024)',
  advice: 'Read the fields that you need and ignore the rest; do not validate against a closed schema.',
  async run(it) {
    await it.live()
    const prepared = it.prepare()
    const question = { ...prepared.question, inspect_new_field: { of: ['the', 'future'] } }
    const { exchange } = await it.provision({ ...prepared, question })
    if (isOk(exchange)) return pass(exchange)
    return fail(`A request with one more field got ${outcomeOf(exchange)}.`, exchange)
  },
}

const options: Check = {
  id: 'provision.options',
  title: 'options come as text',
  rule: 'options is an object, and every value in it is text: "true", "2". Serve them, or refuse with 422 and a message.',
  source: 'Dev Center, parameter handling (2014)',
  advice: 'Read options as text, and ignore or refuse (422) what you do not know.',
  async run(it) {
    await it.live()
    const prepared = it.prepare()
    const options = { 'inspect-flag': 'true', 'inspect-size': '2' }
    const { exchange } = await it.provision({ ...prepared, question: { ...prepared.question, options } })
    if (isOk(exchange) || (statusOf(exchange) === 422 && messageOf(exchange))) return pass(exchange)
    return fail(`Options made it answer ${outcomeOf(exchange)}.`, exchange)
  },
}

const refusal: Check = {
  id: 'provision.refusal',
  title: 'what cannot be served is refused with 422 and a message',
  rule: 'A plan that does not exist is refused: 422, or 503 for the moment, with {"message"} for the customer.',
  source: 'Dev Center, legacy Add-on Partner API reference (2024); Add-on Provider API (2014)',
  advice: 'Answer 422 with {"message": "There is no plan …"}: the customer reads your words.',
  async run(it) {
    await it.live()
    const prepared = it.prepare()
    const question = { ...prepared.question, plan: unknownPlan }
    const { exchange } = await it.provision({ ...prepared, question })
    return judgeRefusal(exchange, 'It provisioned a plan that does not exist.')
  },
}

export const provisionPhase: Phase = {
  id: 'provision',
  title: 'provision: asking for a resource',
  checks: [
    answers,
    json,
    id,
    ownId,
    message,
    ...configChecks,
    logDrain,
    ...authChecks('provision', async (it, as) => {
      await it.first()
      return (await it.provision(it.prepare(), as)).exchange
    }),
    distinctIds,
    unknownFields,
    options,
    refusal,
    listed,
    listedToNobody,
    timeCheck('provision', 'the request for a resource'),
  ],
}
