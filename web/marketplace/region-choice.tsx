import type { App, Region } from '@mortise/contract/platform-api/apps'
import type { Plan } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { apps } from '../dashboard/resources.js'
import { ButtonLink } from '../kit/button.js'
import { Choice } from '../kit/field.js'
import { Notice } from '../kit/state.js'
import { planWord } from './catalog-queries.js'
import { listed } from './offered-in.js'

interface NewAppRegionProps {
  regions: readonly Region[]
  offered: readonly string[]
  region: string
  /** Why it can't be had there. */
  refusal: string | null
  onRegion(region: string): void
}

/** Where a new app shall run. An installation with one region asks nothing. */
export function NewAppRegion({ regions, offered, region, refusal, onRegion }: NewAppRegionProps) {
  const [only] = regions
  if (only && regions.length === 1) {
    return (
      <RegionFact>
        <p>{nameOf(only)}, the only one of this installation</p>
        {refusal && <Notice tone="warn">{refusal}</Notice>}
      </RegionFact>
    )
  }
  return (
    <Choice
      label="Region"
      name="region"
      hint="Where the app runs, with its add-ons. An app stays in its region."
      error={refusal}
      value={region}
      onChange={(event) => onRegion(event.target.value)}
    >
      {regions.map((one) => (
        <option key={one.id} value={one.name} disabled={!offered.includes(one.name)}>
          {nameOf(one)}
          {!offered.includes(one.name) && ', not offered here'}
        </option>
      ))}
    </Choice>
  )
}

const nameOf = ({ name, description, locale }: Region) =>
  `${name}: ${description}${locale && locale !== description ? ` (${locale})` : ''}`

interface AppRegionProps {
  app: string
  region: string
  offered: readonly string[]
  refusal: string | null
  service: string
  plan: Plan | undefined
}

/** Other apps that are offered to go on with. More would be a list to read. */
const othersMax = 4

/** Where the chosen app runs. Where that does not fit: where it would, and the person's apps there. */
export function AppRegion({ app, region, offered, refusal, service, plan }: AppRegionProps) {
  const { data = [] } = useQuery({ ...apps, enabled: refusal !== null })
  const there = data.filter((one: App) => offered.includes(one.region.name))
  const word = plan ? { plan: planWord(plan.name) } : {}
  const link = { to: '/marketplace/$service/install', params: { service } } as const
  return (
    <RegionFact>
      <p>
        {region}, where {app} runs
      </p>
      {refusal && (
        <Notice tone="warn" isStanding>
          <p>{refusal}</p>
          {offered.length > 0 && (
            <>
              <p className="mt-1">
                {there.length === 0
                  ? `None of your apps runs in ${listed(offered)}.`
                  : `Of your apps, ${listed(namesOf(there))} ${there.length === 1 ? 'runs' : 'run'} there.`}
              </p>
              <div className="mt-3 flex flex-wrap gap-2">
                {there.slice(0, othersMax).map((one) => (
                  <ButtonLink key={one.id} size="small" {...link} search={{ app: one.name, ...word }}>
                    Use {one.name}
                  </ButtonLink>
                ))}
                <ButtonLink size="small" {...link} search={{ new: true, ...word }}>
                  Make a new app there
                </ButtonLink>
              </div>
            </>
          )}
        </Notice>
      )}
    </RegionFact>
  )
}

function namesOf(there: readonly App[]): string[] {
  const names = there.map(({ name }) => name)
  return names.length > othersMax ? [...names.slice(0, othersMax), `${names.length - othersMax} more`] : names
}

function RegionFact({ children }: { children: React.ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <p className="font-medium text-sm">Region</p>
      {children}
    </div>
  )
}
