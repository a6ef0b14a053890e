import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask } from './server-process.js'

/** Something a customer was told, which must hold at the end. */
export interface Promised {
  /** App and name of a var → what it may be; two values where the last write was never answered. */
  vars: Map<string, { app: string; name: string; values: (string | null)[] }>
  /** Add-ons by id. `plans` as for vars; `end` is what the customer was told last. */
  addons: Map<string, { name: string; plans: string[]; end: 'there' | 'ordered' | 'removed' | 'perhaps removed' }>
  /** Apps that were destroyed, and told so. */
  destroyed: Set<string>
}

export interface Counts {
  asked: number
  acknowledged: Record<string, number>
  refused: number
  /** Broken connections and 5xx: nobody knows what was done. */
  unanswered: number
  /** What came instead of an answer, with the verb. */
  instead: string[]
}

export interface LoadOptions {
  /** Ports of processes that answer; asked in turn. */
  ports: readonly number[]
  headers: Record<string, string>
  apps: readonly string[]
  chance(): number
  /** Whether customers still come, by what they were told so far. */
  goesOn(counts: Counts): boolean
}

/** Customers who order, upgrade, remove, configure and destroy until the time is up, and write down what they were told. */
export async function load(customers: number, options: LoadOptions): Promise<{ promised: Promised; counts: Counts }> {
  const promised: Promised = { vars: new Map(), addons: new Map(), destroyed: new Set() }
  const counts: Counts = { asked: 0, acknowledged: {}, refused: 0, unanswered: 0, instead: [] }
  await Promise.all(Array.from({ length: customers }, (_, number) => customer(number, options, promised, counts)))
  return { promised, counts }
}

async function customer(number: number, options: LoadOptions, promised: Promised, counts: Counts): Promise<void> {
  const { ports, headers, apps, chance } = options
  const app = apps[number % apps.length] ?? ''
  const mine: string[] = []
  let turn = number
  let made = 0

  /** One try. Null: no answer, or one that says nothing about what was done. */
  async function once(verb: string, method: string, address: string, body?: unknown): Promise<Answer | null> {
    const port = ports[turn++ % ports.length] ?? 0
    counts.asked++
    try {
      const answer = await ask(port, method, address, { headers, body, timeoutMs: 120_000 })
      if (answer.status >= 500) {
        counts.unanswered++
        counts.instead.push(`${verb}: ${answer.status} ${JSON.stringify(answer.body)}`)
        return null
      }
      if (answer.status < 300) counts.acknowledged[verb] = (counts.acknowledged[verb] ?? 0) + 1
      else counts.refused++
      return answer
    } catch (error) {
      counts.unanswered++
      counts.instead.push(`${verb}: ${(error as Error).message}`)
      await sleep(200)
      return null
    }
  }

  async function configure(): Promise<void> {
    const name = `OWN_${number}_${Math.floor(chance() * 5)}`
    const value = chance() < 0.2 ? null : `value-${number}-${made++}`
    const key = `${app} ${name}`
    const before = promised.vars.get(key)?.values ?? [null]
    promised.vars.set(key, { app, name, values: [...before, value] })
    const answer = await once('config', 'PATCH', `/apps/${app}/config-vars`, { [name]: value })
    if (answer?.status === 200) promised.vars.set(key, { app, name, values: [value] })
  }

  async function order(): Promise<void> {
    const name = `crash-${number}-${made++}`
    const plan = chance() < 0.25 ? 'slow' : 'small'
    const attachment = { name: `DB_${number}_${made}` }
    const answer = await once('create', 'POST', `/apps/${app}/addons`, { name, plan: `fast-db:${plan}`, attachment })
    if (answer?.status !== 201 && answer?.status !== 202) return
    const { id, state } = answer.body
    promised.addons.set(id, { name, plans: [plan], end: state === 'provisioned' ? 'there' : 'ordered' })
    mine.push(id)
  }

  async function upgrade(): Promise<void> {
    const id = mine[Math.floor(chance() * mine.length)]
    const addon = id && promised.addons.get(id)
    if (!addon) return
    const plan = addon.plans.at(-1) === 'slow' ? 'small' : 'slow'
    const before = addon.plans
    addon.plans = [...before, plan]
    const answer = await once('upgrade', 'PATCH', `/apps/${app}/addons/${id}`, { plan: `fast-db:${plan}` })
    if (answer?.status === 200) addon.plans = [plan]
    else if (answer && answer.status >= 400) addon.plans = before
  }

  async function remove(): Promise<void> {
    const id = mine.shift()
    const addon = id && promised.addons.get(id)
    if (!addon) return
    const before = addon.end
    addon.end = 'perhaps removed'
    const answer = await once('remove', 'DELETE', `/apps/${app}/addons/${id}`)
    if (answer && [200, 202, 404].includes(answer.status)) addon.end = 'removed'
    else if (answer) addon.end = before
  }

  async function destroy(): Promise<void> {
    const name = `gone-${number}-${made++}`
    if ((await once('app', 'POST', '/apps', { name }))?.status !== 201) return
    const answer = await once('create', 'POST', `/apps/${name}/addons`, { plan: 'fast-db:small' })
    if (answer?.body?.id)
      promised.addons.set(answer.body.id, { name: answer.body.name, plans: ['small'], end: 'ordered' })
    const gone = await once('destroy', 'DELETE', `/apps/${name}`)
    const told = gone !== null && (gone.status < 300 || gone.status === 404)
    if (told) promised.destroyed.add(name)
    const addon = answer?.body?.id && promised.addons.get(answer.body.id)
    if (addon) addon.end = told ? 'removed' : 'perhaps removed'
  }

  while (options.goesOn(counts)) {
    const drawn = chance()
    if (drawn < 0.35) await configure()
    else if (drawn < 0.6) await order()
    else if (drawn < 0.75) await upgrade()
    else if (drawn < 0.93) await remove()
    else await destroy()
    await sleep(50 + chance() * 250)
  }
}

/** Which promises were not kept, in sentences. */
export async function whatWasLost(
  promised: Promised,
  get: (address: string) => Promise<Answer>,
  plansAtProvider: Record<string, { plan: string }>,
): Promise<string[]> {
  const lost: string[] = []
  const configs = new Map<string, Record<string, string>>()
  for (const { app, name, values } of promised.vars.values()) {
    if (!configs.has(app)) configs.set(app, (await get(`/apps/${app}/config-vars`)).body)
    const found = configs.get(app)?.[name] ?? null
    if (!values.includes(found)) lost.push(`${app} ${name} is ${found}, not ${values.join(' or ')}`)
  }
  for (const [id, { name, plans, end }] of promised.addons) {
    const { status, body } = await get(`/addons/${id}`)
    const state = status === 404 ? 'deprovisioned' : body.state
    if (end === 'removed' && state !== 'deprovisioned') lost.push(`${name} was removed, and is ${state}`)
    if (end === 'there' && state !== 'provisioned') lost.push(`${name} was there, and is ${state}`)
    // Ordered for later: then it came, or it says why not.
    const isTold = state === 'provisioned' || status === 404 || /\w{3,} \w/.test(body.provision_message ?? '')
    if (end === 'ordered' && !isTold) lost.push(`${name} was ordered, and is ${state} without a reason`)
    if (state !== 'provisioned') continue
    const plan = String(body.plan.name).split(':')[1] ?? ''
    if (!plans.includes(plan)) lost.push(`${name} is on ${plan}, not ${plans.join(' or ')}`)
    if (plansAtProvider[id]?.plan !== plan)
      lost.push(`${name} is on ${plan}, at the provider on ${plansAtProvider[id]?.plan}`)
  }
  for (const name of promised.destroyed) {
    if ((await get(`/apps/${name}`)).status !== 404) lost.push(`the app ${name} was destroyed, and is there`)
  }
  return lost
}
