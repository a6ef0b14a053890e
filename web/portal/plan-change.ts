import type { ManifestPlan } from '@mortise/contract/manifest/manifest'
import { api, routes } from '../api.js'

export type PlanFields = Pick<
  ManifestPlan,
  'name' | 'human_name' | 'description' | 'features' | 'price' | 'state' | 'visible' | 'default'
>

/**
 * Plans are in the manifest, so changing one pushes the next version: the one in force with this plan put in. What others
 * push meanwhile is not overwritten, since the manifest names the version that it is based on.
 */
export async function putPlan(slug: string, plan: PlanFields): Promise<void> {
  const { contents } = await api.call(routes.portal.current, { params: { slug } })
  await api.call(routes.portal.push, { params: { slug }, body: { contents: withPlan(contents, plan) } })
}

/** A new plan goes to the end; of defaults there is one. */
export function withPlan(contents: Record<string, unknown>, plan: PlanFields): Record<string, unknown> {
  const before = (Array.isArray(contents['plans']) ? contents['plans'] : []) as PlanFields[]
  const isThere = before.some(({ name }) => name === plan.name)
  const all = isThere ? before.map((one) => (one.name === plan.name ? { ...one, ...plan } : one)) : [...before, plan]
  return {
    ...contents,
    plans: plan.default ? all.map((one) => ({ ...one, default: one.name === plan.name })) : all,
  }
}

/** `12.50` → 1250; null for what is no price. */
export function centsOf(dollars: string): number | null {
  const match = /^\s*\$?(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(dollars)
  if (!match) return null
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

export function dollarsOf(cents: number): string {
  return cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2)
}
