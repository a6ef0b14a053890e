import { valuesOf } from '../platform/addons/credential-store.js'
import { snapshotContext } from '../platform/releases/environment.js'
import type { Secrets } from '../platform/secrets/seal.js'
import type { WorldDatabase } from './database.js'

/** An add-on's row, with what belongs to it. */
export interface AddonFact {
  id: string
  name: string
  state: string
  /** By which the provider knows it, when that is known. */
  providerId: string | null
  plan: string
  priceId: string
  debt: string | null
  doubtful: boolean
  /** The operator gave it up. */
  forgotten: boolean
  /** Open operations. */
  running: number
  step: string | null
  lastEvent: string | null
}

export interface Facts {
  addons: AddonFact[]
  charges: { addonId: string; priceId: string; confirmed: boolean; open: boolean; from: Date; to: Date | null }[]
  apps: { id: string; name: string; state: string; snapshotId: string | null; lastEvent: string | null }[]
  releases: {
    id: string
    appId: string
    version: number
    status: string
    snapshotId: string | null
    pins: { attachmentId: string; credentialId: string }[]
    lastEvent: string | null
  }[]
  attachments: {
    id: string
    name: string
    appId: string
    addonId: string
    names: Record<string, string>
    detached: boolean
    lastEvent: string | null
  }[]
  configNames: { appId: string; name: string; attachmentId: string | null }[]
  credentials: {
    id: string
    addonId: string
    name: string
    version: number
    state: string
    shredded: boolean
    values: Record<string, string> | null
  }[]
  operations: {
    id: string
    saga: string
    subject: string
    appId: string | null
    /** Whoever began it. */
    parentId: string | null
    state: string
    step: string
    reason: string | null
    createdAt: Date
    endedAt: Date | null
  }[]
  rolls: { appId: string; state: string; runningReleaseId: string | null; message: string | null }[]
  builds: { id: string; appId: string; status: string; lastEvent: string | null }[]
  /** Also those that are over. */
  discrepancies: { kind: string; key: string; state: string; addonId: string | null; ended: boolean }[]
  vars: Map<string, Record<string, string>>
}

type Asked = Exclude<keyof Facts, 'vars'> | 'last'

/** Where each kind's last event says what became of it. */
const told = {
  addons: 'addon',
  apps: 'app',
  releases: 'release',
  attachments: 'addon-attachment',
  builds: 'build',
} as const

export const factQuestions: Record<Asked, string> = {
  last: `select distinct on (subject, resource) subject, resource, case resource when 'addon' then data ->> 'state'
      when 'release' then data ->> 'status' when 'build' then data ->> 'status' else action end as said
    from events where resource <> 'addon' or data ? 'state' order by subject, resource, seq desc`,
  addons: `select d.id, d.name, d.state, d.provider_id as "providerId", p.name as plan, d.price_id as "priceId", b.state as debt, coalesce(b.was_doubtful, false) as doubtful, b.forgotten_at is not null as forgotten,
      (select count(*) from operations o where o.subject = d.id and o.ended_at is null)::int as running,
      (select o.step from operations o where o.subject = d.id and o.ended_at is null limit 1) as step
    from addons d join plans p on p.id = d.plan_id left join debts b on b.addon_id = d.id order by d.id`,
  charges: `select addon_id as "addonId", price_id as "priceId", confirmed_at is not null as confirmed, opened_at as "from", closed_at as "to",
      closed_at is null as open from charges where voided_at is null order by addon_id, opened_at`,
  apps: `select a.id, a.name, a.state, a.snapshot_id as "snapshotId" from apps a order by a.id`,
  releases: `select r.id, r.app_id as "appId", r.version, r.status, r.snapshot_id as "snapshotId",
      coalesce((select jsonb_agg(jsonb_build_object('attachmentId', p.attachment_id, 'credentialId', p.credential_id) order by p.attachment_id)
        from release_pins p where p.release_id = r.id), '[]') as pins from releases r order by r.app_id, r.version`,
  attachments: `select t.id, t.name, t.app_id as "appId", t.addon_id as "addonId", t.config_names as names, t.detached_at is not null as detached from attachments t order by t.id`,
  configNames: `select app_id as "appId", name, attachment_id as "attachmentId" from app_config_names order by app_id, name`,
  credentials: `select id, addon_id as "addonId", name, version, state, sealed is null as shredded from credentials order by addon_id, name, version`,
  operations: `select id, saga, subject, app_id as "appId", parent_id as "parentId", state, step, reason, created_at as "createdAt", ended_at as "endedAt" from operations order by created_at, id`,
  rolls: `select app_id as "appId", state, running_release_id as "runningReleaseId", message from rolls order by app_id`,
  discrepancies: `select kind, key, state, addon_id as "addonId", ended_at is not null as ended from discrepancies order by service_id, key, kind, found_at`,
  builds: `select b.id, b.app_id as "appId", b.status from builds b order by b.id`,
}

const factNames = Object.keys(factQuestions).filter((name) => name !== 'last') as Exclude<Asked, 'last'>[]

/** Times go through JSON as texts. */
const times: Partial<Record<Asked, readonly string[]>> = {
  charges: ['from', 'to'],
  operations: ['createdAt', 'endedAt'],
}

type Row = Record<string, unknown>

/** Makes what the checkers judge of the answers. Values are opened once: versions and snapshots never change. */
export function factReader(
  database: WorldDatabase,
  secrets: Secrets,
): (answers: Record<string, unknown>) => Promise<Facts> {
  const opened = new Map<string, Record<string, string> | null>()
  const vars = new Map<string, Record<string, string>>()

  return async (answers) => {
    // Copies: the answers are remembered as they came.
    const copied = (name: Asked) => {
      const columns = times[name] ?? []
      return (answers[name] as Row[]).map((row) => {
        const fact = { ...row }
        for (const column of columns) fact[column] = fact[column] && new Date(fact[column] as string)
        return fact
      })
    }
    const facts = Object.fromEntries(factNames.map((name) => [name, copied(name)])) as unknown as Facts
    const last = new Map(
      (answers['last'] as { subject: string; resource: string; said: string | null }[]).map(
        ({ subject, resource, said }) => [`${resource} ${subject}`, said],
      ),
    )
    for (const [name, resource] of Object.entries(told) as [keyof typeof told, string][]) {
      for (const one of facts[name]) one.lastEvent = last.get(`${resource} ${one.id}`) ?? null
    }
    const unknown = facts.credentials.filter(({ id, shredded }) => !shredded && !opened.has(id)).map(({ id }) => id)
    if (unknown.length) {
      const { rows } = await database.query({
        name: 'sealed credentials',
        text: 'select id, version, sealed from credentials where id = any($1)',
        values: [unknown],
      })
      for (const row of rows) opened.set(row.id, valuesOf(secrets, row))
    }
    for (const credential of facts.credentials) credential.values = opened.get(credential.id) ?? null
    const missing = facts.releases
      .map(({ snapshotId }) => snapshotId)
      .concat(facts.apps.map(({ snapshotId }) => snapshotId))
      .filter((id): id is string => id !== null && !vars.has(id))
    if (missing.length) {
      const { rows } = await database.query({
        name: 'sealed vars',
        text: 'select id, sealed from config_snapshots where id = any($1)',
        values: [[...new Set(missing)]],
      })
      for (const { id, sealed } of rows) vars.set(id, JSON.parse(secrets.open(sealed, snapshotContext(id))))
    }
    facts.vars = vars
    return facts
  }
}
