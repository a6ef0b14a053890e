import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge, Name } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { CopyLine } from '../kit/copy.js'
import { InspectionBadge } from '../kit/inspection-badge.js'
import { Loaded } from '../kit/loaded.js'
import { Monogram, OutwardArrow } from '../kit/mark.js'
import { card, Page, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { plans, planWord, service } from './catalog-queries.js'
import { PlansTable } from './plans-table.js'

export function ServicePage() {
  const { service: name } = useParams({ from: '/marketplace/$service' })
  const read = useQuery(service(name))
  const above = (
    <Link to="/marketplace" className="text-muted hover:text-ink">
      ← Marketplace
    </Link>
  )
  if (read.data) return <Service service={read.data} above={above} />
  const missing = () => (
    <Empty title="No such service" action={<ButtonLink to="/marketplace">Look through the marketplace</ButtonLink>}>
      There is no add-on service {name} here.
    </Empty>
  )
  return (
    <Page title={name} above={above}>
      <Loaded read={read} what="The service" missing={missing}>
        {missing}
      </Loaded>
    </Page>
  )
}

function Service({ service, above }: { service: AddonService; above: ReactNode }) {
  const { plan: pointedAt } = useSearch({ from: '/marketplace/$service' })
  const read = useQuery(plans(service.name))
  const isOpen = service.state !== 'shutdown'
  const usual = read.data?.find((plan) => plan.default) ?? read.data?.[0]
  const pointed = read.data?.find((plan) => planWord(plan.name) === pointedAt)

  return (
    <Page
      title={service.human_name}
      above={above}
      mark={<Monogram name={service.human_name} isLarge />}
      lead={service.description ?? service.name}
      action={
        isOpen &&
        usual && (
          <ButtonLink
            look="primary"
            to="/marketplace/$service/install"
            params={{ service: service.name }}
            search={pointed ? { plan: planWord(pointed.name) } : {}}
          >
            Add to an app
          </ButtonLink>
        )
      }
    >
      {!isOpen && (
        <p className="mb-8 rounded-lg bg-warn-soft px-4 py-3 text-sm text-warn">
          This service is being shut down and takes no new customers.
        </p>
      )}
      <Section title="Plans" count={read.data?.length}>
        <Loaded read={read} what="The plans" rows={1} height="h-40" empty={<Empty title="No plans on offer" />}>
          {(data) => <PlansTable service={service.name} plans={data} pointedAt={pointedAt} isOpen={isOpen} />}
        </Loaded>
      </Section>
      <Facts service={service} />
      {usual && isOpen && (
        <Section title="From the command line">
          <CopyLine text={`heroku addons:create ${(pointed ?? usual).name} --app YOUR_APP`} />
        </Section>
      )}
    </Page>
  )
}

const stages: Record<string, string> = {
  alpha: 'Alpha',
  beta: 'Beta',
  ga: 'Generally available',
  shutdown: 'Shut down',
}

function Facts({ service }: { service: AddonService }) {
  const { config_vars: names = [], categories = [], regions = [] } = service
  return (
    <Section title="About this service">
      <div className={`p-6 ${card}`}>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-6 text-sm sm:gap-x-8 lg:grid-cols-3">
          {service.provider && <Fact label="Provider">{service.provider.name}</Fact>}
          <Fact label="Stage">
            <Badge tone={service.state === 'ga' ? 'good' : service.state === 'shutdown' ? 'bad' : 'warn'}>
              {stages[service.state] ?? service.state}
            </Badge>
          </Fact>
          {service.inspection && (
            <Fact label="Inspection, by its provider">
              <InspectionBadge inspection={service.inspection} />
            </Fact>
          )}
          {categories.length > 0 && (
            <Fact label={categories.length > 1 ? 'Categories' : 'Category'}>{categories.join(', ')}</Fact>
          )}
          {regions.length > 0 && <Fact label={regions.length > 1 ? 'Regions' : 'Region'}>{regions.join(', ')}</Fact>}
          {names.length > 0 && (
            <Fact label="Config vars">
              <span className="flex flex-wrap gap-1.5">
                {names.map((name) => (
                  <Name key={name}>{name}</Name>
                ))}
              </span>
            </Fact>
          )}
          <Fact label="Several in one app">{service.supports_multiple_installations ? 'Yes' : 'No'}</Fact>
          <Fact label="Shared between apps">{service.supports_sharing ? 'Yes' : 'No'}</Fact>
          <Fact label="Service">
            <Name>{service.name}</Name>
          </Fact>
          <OutwardFact label="Documentation" url={service.docs_url} words="Read the docs" />
          <OutwardFact label="Help" url={service.support_url} words="Ask its provider" />
        </dl>
      </div>
    </Section>
  )
}

/** A provider's link leads out of these pages, and only where the browser checks who answers. */
function OutwardFact({ label, url, words }: { label: string; url: string | null | undefined; words: string }) {
  if (!url?.startsWith('https://') && !url?.startsWith('mailto:')) return null
  return (
    <Fact label={label}>
      <a
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        className="inline-flex items-center gap-1.5 rounded text-accent underline underline-offset-4 hover:text-accent-strong"
      >
        {words}
        <OutwardArrow />
      </a>
    </Fact>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid content-start justify-items-start gap-1">
      <dt className="text-muted">{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
