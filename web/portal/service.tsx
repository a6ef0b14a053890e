import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { Monogram } from '../kit/mark.js'
import { Page } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { Tab, Tabs } from '../kit/tabs.js'
import { services } from './queries.js'
import { stageOf } from './words.js'

/** What stands above every part of one service's pages. */
export function ServiceFrame() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const read = useQuery(services)
  const service = read.data?.find(({ name }) => name === slug)
  const above = (
    <Link to="/portal" className="text-muted hover:text-ink">
      ← Your services
    </Link>
  )
  if (!service) {
    return (
      <Page title={slug} above={above}>
        <Loaded read={read} what="The service">
          {() => (
            <Empty title="No such service of yours" action={<ButtonLink to="/portal">See your services</ButtonLink>}>
              Only who pushed a service’s first manifest sees its pages.
            </Empty>
          )}
        </Loaded>
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
      <Tabs label="Service">
        {tabs.map(([to, title]) => (
          <Tab key={to} to={to} params={{ service: slug }} isStart={to === '/portal/$service'}>
            {title}
          </Tab>
        ))}
      </Tabs>
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
