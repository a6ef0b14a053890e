import { ask, lookInto } from './server-process.js'

interface Resource {
  plan: string
  told: boolean
  config: Record<string, string>
}

export interface ProviderState {
  resources: Record<string, Resource>
  counts: { made: number; asked: number; changes: number; removals: number }
  /** Questions that it has and did not answer yet. */
  inHand: number
  pid: number
}

export async function providerState(port: number): Promise<ProviderState> {
  return (await ask<ProviderState>(port, 'GET', '/admin/state')).body
}

/** Everything with a name of its own that is compared. */
export interface Scene {
  dir: string
  port: number
  providerPort: number
  headers: Record<string, string>
  apps: readonly string[]
}

interface Counted {
  open: number
  owed: number
}

/** Whether nothing is under way any more: no open operation, no unpaid debt, no roll. */
export async function isSettled({ dir }: Scene): Promise<boolean> {
  const [left] = await lookInto<Counted>(
    dir,
    `select (select count(*)::int from operations where ended_at is null) as open,
      (select count(*)::int from debts where state in ('asked', 'owed')) as owed`,
  )
  return left?.open === 0 && left.owed === 0
}

/** What is under way, in words, for a test that waited in vain. */
export async function whatIsOpen({ dir }: Scene): Promise<unknown> {
  return {
    operations: await lookInto(
      dir,
      `select saga, step, state, reason, tries, epoch, facts, next_at, lease_until, now() as now from operations
       where ended_at is null`,
    ),
    debts: await lookInto(dir, `select * from debts where state in ('asked', 'owed', 'stuck')`),
  }
}

/**
 * What does not fit together between customers, database and provider, in sentences. None is the only right answer once
 * everything is settled.
 */
export async function whatIsWrong(scene: Scene): Promise<string[]> {
  const { dir, port, headers } = scene
  const wrong: string[] = []
  const get = async <T>(address: string) => (await ask<T>(port, 'GET', address, { headers })).body
  const { resources } = await providerState(scene.providerPort)
  const addons = await get<{ id: string; name: string; state: string }[]>('/addons')

  for (const { id, name, state } of addons) {
    if (state !== 'provisioned') wrong.push(`${name} is ${state}`)
    else if (!resources[id]) wrong.push(`${name} is provisioned, and the provider has no such resource`)
  }
  const live = new Set(addons.map(({ id }) => id))
  for (const id of Object.keys(resources)) if (!live.has(id)) wrong.push(`the provider has ${id}, an orphan`)

  for (const app of scene.apps) {
    const config = await get<Record<string, string>>(`/apps/${app}/config-vars`)
    const attached = await get<{ name: string; addon: { id: string } }[]>(`/apps/${app}/addon-attachments`)
    const wanted = attached.map(({ name, addon }) => [`${name}_URL`, resources[addon.id]?.config['FAST_DB_URL']])
    const own = ([name]: [string, string]) => !name.startsWith('OWN_')
    const had = JSON.stringify(Object.entries(config).filter(own).sort())
    if (had !== JSON.stringify(wanted.sort())) wrong.push(`the config vars of ${app} are not its attachments' values`)
    const releases = await get<{ version: number; status: string }[]>(`/apps/${app}/releases`)
    const versions = releases.map(({ version }) => version).sort((a, b) => a - b)
    if (versions.some((version, at) => version !== at + 1)) wrong.push(`${app} has a gap in its releases`)
    const released = await get<Record<string, string>>(`/apps/${app}/releases/${versions.at(-1)}/config-vars`)
    if (JSON.stringify(Object.entries(released).filter(own).sort()) !== had) {
      wrong.push(`the last release of ${app} is not what its config vars say`)
    }
  }
  for (const { sentence } of await lookInto<{ sentence: string }>(dir, questions)) wrong.push(sentence)
  return wrong
}

// What the API does not tell: money, the ledger, and that each story left exactly one release.
const questions = `
  select 'an operation ' || saga || ' is ' || state as sentence from operations where ended_at is null
  union all select 'a debt of ' || a.name || ' is ' || d.state from debts d join addons a on a.id = d.addon_id
    where d.state in ('asked', 'owed', 'stuck') or (d.state = 'held') <> (a.state = 'provisioned')
  union all select a.name || ' is ' || a.state || ' and has ' || count(c.id) || ' open charges' from addons a
    left join charges c on c.addon_id = a.id and c.closed_at is null and c.voided_at is null
    group by a.id, a.name, a.state having count(c.id) <> case when a.state = 'provisioned' then 1 else 0 end
  union all select o.saga || ' of ' || o.subject || ' has ' || count(r.id) || ' releases' from operations o
    left join releases r on r.operation_id = o.id
    where o.saga in ('addon.provision', 'addon.deprovision')
      -- What goes with its app changes no config of anybody.
      and o.parent_id is null group by o.id
    having count(r.id) <> case when o.state = 'done' then 1 else 0 end
  union all select 'attachment ' || t.name || ' outlived ' || a.name from attachments t join addons a on a.id = t.addon_id
    where t.detached_at is null and a.state = 'deprovisioned'
  union all select 'the name ' || n.name || ' belongs to a detached attachment' from app_config_names n
    join attachments t on t.id = n.attachment_id where t.detached_at is not null`
