import { type Fields, isFields, textOf } from './fields.js'
import { type ManifestPlan, type PlanAction, type PlanPrice, type PlanState, planStates, testPlan } from './manifest.js'
import { plainText } from './plain-text.js'

/** The plans of our extension and of the 2010 generation; without any, the free plan `test`. */
export function readPlans(value: unknown, warn: (text: string) => void): ManifestPlan[] {
  if (value === undefined || value === null) return [testPlan]
  if (!Array.isArray(value)) {
    warn('"plans" is ignored: it must be a list.')
    return [testPlan]
  }
  const plans: ManifestPlan[] = []
  for (const each of value) {
    const plan = isFields(each) ? readPlan(each, warn) : undefined
    if (!plan) warn('A plan without a name is left out.')
    else if (plans.some((other) => other.name === plan.name))
      warn(`The plan ${plan.name} is there twice; the first counts.`)
    else plans.push(plan)
  }
  if (!plans.length) return [testPlan]
  const marked = plans.find((plan) => plan.default)
  // One plan needs no mark, and lists older than the mark sold their first plan by default.
  if (!marked && plans.length > 1) warn(`No plan is marked as default; ${plans[0]?.name} is.`)
  const first = marked ?? plans[0]
  return plans.map((plan) => ({ ...plan, default: plan === first }))
}

function readPlan(fields: Fields, warn: (text: string) => void): ManifestPlan | undefined {
  // In the oldest manifests `id` is what customers type and `name` is for reading.
  const name = textOf(fields.id) ?? textOf(fields.name)
  if (!name) return undefined
  const title = textOf(fields.human_name) ?? (textOf(fields.id) ? textOf(fields.name) : undefined) ?? titleOf(name)
  return {
    name,
    human_name: plainText(title, 200),
    description: plainText(textOf(fields.description) ?? ''),
    price: readPrice(name, fields, warn),
    default: fields.default === true,
    features: readFeatures(fields.features),
    state: readState(name, fields.state, warn),
    visible: fields.visible !== false,
    ...readActions(name, fields.actions, warn),
    ...readRegions(name, fields.regions, warn),
  }
}

function readRegions(plan: string, value: unknown, warn: (text: string) => void): Pick<ManifestPlan, 'regions'> {
  if (value === undefined || value === null) return {}
  const regions = Array.isArray(value) ? [...new Set(value.map(textOf).filter((text) => text !== undefined))] : []
  // `*` is what no list at all says.
  if (regions.includes('*')) return {}
  if (regions.length) return { regions }
  warn(`The regions of the plan ${plan} are ignored: they must be a list of regions.`)
  return {}
}

function readActions(plan: string, value: unknown, warn: (text: string) => void): Pick<ManifestPlan, 'actions'> {
  if (value === undefined || value === null) return {}
  if (!Array.isArray(value)) {
    warn(`The actions of the plan ${plan} are ignored: they must be a list.`)
    return {}
  }
  const actions = value.flatMap((one): PlanAction[] => {
    const label = isFields(one) ? textOf(one.label) : undefined
    const action = isFields(one) ? textOf(one.action) : undefined
    const url = isFields(one) ? textOf(one.url) : undefined
    if (!isFields(one) || !label || (!action && !url)) {
      warn(`An action of the plan ${plan} is left out: it needs a "label", and an "action" or a "url".`)
      return []
    }
    const words = { label: plainText(label, 100), requires_owner: one.requires_owner === true }
    return [{ ...words, ...(action ? { action } : {}), ...(url ? { url } : {}) }]
  })
  return actions.length ? { actions } : {}
}

function readState(plan: string, value: unknown, warn: (text: string) => void): PlanState {
  const known = planStates.find((state) => state === value)
  if (known) return known
  // What can't be read is not sold to everybody: a slip in "deprecated" would sell it on.
  if (value === undefined || value === null) return 'public'
  warn(`The state of the plan ${plan} is not one of ${planStates.join(', ')}; it is read as invite_only.`)
  return 'invite_only'
}

function readPrice(plan: string, fields: Fields, warn: (text: string) => void): PlanPrice {
  const free: PlanPrice = { cents: 0, unit: 'month' }
  if (isFields(fields.price)) {
    const { cents, unit } = fields.price
    if (unit !== undefined && unit !== 'month')
      warn(`The plan ${plan} is priced by ${String(unit).slice(0, 20)}; it is read as by month.`)
    if (typeof cents === 'number' && Number.isInteger(cents) && cents >= 0) return { cents, unit: 'month' }
    warn(`The plan ${plan} has no price in whole cents and is read as free.`)
    return free
  }
  const dollars = Number(textOf(fields.price) ?? 0)
  if (!Number.isFinite(dollars) || dollars < 0 || (dollars > 0 && fields.price_unit === 'dyno_hour')) {
    warn(`The price of the plan ${plan} cannot be charged by the month; the plan is read as free.`)
    return free
  }
  if (dollars > 0)
    warn(
      `The price of the plan ${plan} is read as dollars a month; write {"cents": ${Math.round(dollars * 100)}, "unit": "month"}.`,
    )
  return { cents: Math.round(dollars * 100), unit: 'month' }
}

function readFeatures(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value
    .map(textOf)
    .filter((text) => text !== undefined)
    .map((text) => plainText(text, 200))
}

/** "standard-0" reads as "Standard 0". */
function titleOf(name: string): string {
  return name.replace(/[-_]+/g, ' ').replace(/^./, (first) => first.toUpperCase())
}
