import type { AddonService, Plan } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { ApiError } from '../api.js'
import { Badge, Name } from '../kit/badge.js'
import { Button, ButtonLink } from '../kit/button.js'
import { CopyLine } from '../kit/copy.js'
import { InspectionBadge } from '../kit/inspection-badge.js'
import { Monogram, OutwardArrow } from '../kit/mark.js'
import { card, Page, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { useAccount } from '../session.js'
import { plans, planWord, service } from './catalog-queries.js'
import { PlansTable } from './plans-table.js'

const Install = lazy(() => import('./install.js').then((module) => ({ default: module.Install })))

export function ServicePage() {
  const { service: name } = useParams({ from: '/marketplace/$service' })
  const { data, error, refetch } = useQuery(service(name))
  const above = (
    <Link to="/marketplace" className="text-muted hover:text-ink">
      ← Marketplace
    </Link>
  )
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Page title={name} above={above}>
        <Empty title="No such service" action={<ButtonLink to="/marketplace">Look through the marketplace</ButtonLink>}>
          {error.message}
        </Empty>
      </Page>
    )
  }
  if (error || !data) {
    return (
      <Page title={name} above={above}>
        {error ? <Failed what="The service" error={error} onRetry={refetch} /> : <Loading />}
      </Page>
    )
  }
  return <Service service={data} above={above} />
}

function Service({ service, above }: { service: AddonService; above: ReactNode }) {
  const { plan: chosen } = useSearch({ from: '/marketplace/$service' })
  const navigate = useNavigate({ from: '/marketplace/$service' })
  const { data, error, refetch } = useQuery(plans(service.name))
  const { data: account } = useAccount()
  const isOpen = service.state !== 'shutdown'

  // The choice is in the address, so that signing in first leads back to it.
  function choose(plan: Plan | undefined) {
    const word = plan && planWord(plan.name)
    if (word && !account) {
      navigate({
        to: '/sign-in',
        search: { return_to: `/marketplace/${service.name}?plan=${encodeURIComponent(word)}` },
      })
    } else {
      navigate({ search: word ? { plan: word } : {}, replace: !word, resetScroll: false })
    }
  }
  const usual = data?.find((plan) => plan.default) ?? data?.[0]

  return (
    <Page
      title={service.human_name}
      above={above}
      mark={<Monogram name={service.human_name} isLarge />}
      lead={service.description ?? service.name}
      action={
        <Button look="primary" disabled={!usual || !isOpen} onClick={() => choose(usual)}>
          Add to an app
        </Button>
      }
    >
      <Facts service={service} />
      <Section title="Plans" count={data?.length}>
        {error ? (
          <Failed what="The plans" error={error} onRetry={refetch} />
        ) : !data ? (
          <Loading rows={1} height="h-40" />
        ) : data.length === 0 ? (
          <Empty title="No plans on offer" />
        ) : (
          <PlansTable plans={data} onChoose={choose} />
        )}
      </Section>
      {usual && (
        <Section title="From the command line">
          <CopyLine text={`heroku addons:create ${usual.name} --app YOUR_APP`} />
        </Section>
      )}
      {chosen && account && isOpen && (
        <Suspense>
          <Install service={service.name} plan={chosen} onClose={() => choose(undefined)} />
        </Suspense>
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
  return (
    <div className={`mb-12 p-6 ${card}`}>
      <dl className="grid gap-x-8 gap-y-5 text-sm min-[28rem]:grid-cols-2 lg:grid-cols-3">
        <Fact label="Service">
          <Name>{service.name}</Name>
        </Fact>
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
        {service.categories && service.categories.length > 0 && (
          <Fact label="Category">{service.categories.join(', ')}</Fact>
        )}
        {service.config_vars && service.config_vars.length > 0 && (
          <Fact label="Config vars">
            <span className="flex flex-wrap gap-1.5">
              {service.config_vars.map((name) => (
                <Name key={name}>{name}</Name>
              ))}
            </span>
          </Fact>
        )}
        <Fact label="Several in one app">{service.supports_multiple_installations ? 'Yes' : 'No'}</Fact>
        <Fact label="Shared between apps">{service.supports_sharing ? 'Yes' : 'No'}</Fact>
        {service.docs_url?.startsWith('https://') && (
          <Fact label="Documentation">
            <a
              href={service.docs_url}
              target="_blank"
              rel="noopener noreferrer"
              className="inline-flex items-center gap-1.5 rounded text-accent underline underline-offset-4 hover:text-accent-strong"
            >
              Read the docs
              <OutwardArrow />
            </a>
          </Fact>
        )}
      </dl>
    </div>
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
