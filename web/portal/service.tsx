import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useParams } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { Badge } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { Monogram } from '../kit/mark.js'
import { Page } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { services } from './queries.js'
import { stageOf } from './words.js'

/** What stands above every part of one service's pages. */
export function ServiceFrame() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const { data, error, refetch } = useQuery(services)
  const service = data?.find(({ name }) => name === slug)
  const { pathname } = useLocation()
  const bar = useRef<HTMLElement>(null)
  const isShown = service !== undefined
  // On a phone the tabs are wider than the window: the one that is open is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is open once the address says so and the tabs are there.
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname, isShown])
  const above = (
    <Link to="/portal" className="text-muted hover:text-ink">
      ← Your services
    </Link>
  )
  if (!service) {
    return (
      <Page title={slug} above={above}>
        {error ? (
          <Failed what="The service" error={error} onRetry={refetch} />
        ) : data ? (
          <Empty title="No such service of yours" action={<ButtonLink to="/portal">See your services</ButtonLink>}>
            Only who pushed a service’s first manifest sees its pages.
          </Empty>
        ) : (
          <Loading />
        )}
      </Page>
    )
  }
  const { word, tone } = stageOf(service.state)
  return (
    <Page
      title={service.human_name}
      name={`${service.human_name} · Portal`}
      above={above}
      mark={<Monogram name={service.human_name} isLarge />}
      lead={
        <span className="flex flex-wrap items-center gap-3">
          {service.name}
          <Badge tone={tone}>{word}</Badge>
        </span>
      }
      action={
        <ButtonLink to="/marketplace/$service" params={{ service: slug }}>
          In the marketplace
        </ButtonLink>
      }
    >
      <nav ref={bar} aria-label="Service" className="mb-8 flex gap-1 overflow-x-auto border-line border-b sm:gap-4">
        {tabs.map(([to, title]) => (
          <Link
            key={to}
            to={to}
            params={{ service: slug }}
            activeOptions={{ exact: true }}
            className="-mb-px shrink-0 border-transparent border-b-2 px-2 pb-3 font-medium text-muted -outline-offset-2 hover:text-ink"
            activeProps={{ className: '!border-accent !text-ink' }}
          >
            {title}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  )
}

const tabs = [
  ['/portal/$service', 'Overview'],
  ['/portal/$service/plans', 'Plans'],
  ['/portal/$service/requests', 'Requests'],
  ['/portal/$service/installs', 'Installs'],
  ['/portal/$service/webhooks', 'Webhooks'],
  ['/portal/$service/manifests', 'Manifests'],
] as const
