import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { ButtonLink, buttonClass } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { OutwardArrow } from '../kit/mark.js'
import { Page } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { Tab, Tabs } from '../kit/tabs.js'
import { useLive } from '../live.js'
import { app, appKey } from './resources.js'

/** What stands above every tab of an app. */
export function AppPage() {
  const { app: name } = useParams({ from: '/signed/dashboard/apps/$app' })
  const read = useQuery(app(name))
  const { data } = read
  useLive({ app: name }, appKey(name))
  const above = (
    <Link to="/dashboard" className="text-muted hover:text-ink">
      ← Apps
    </Link>
  )
  return (
    <Page
      title={data?.name ?? name}
      above={above}
      lead={
        data && (
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            {data.region.name} · {data.stack.name} · {data.team ? `team ${data.team.name}` : data.owner.email}
            {data.maintenance && <Badge tone="warn">Maintenance</Badge>}
          </span>
        )
      }
      action={
        data?.web_url && /^https?:/.test(data.web_url) ? (
          <a href={data.web_url} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
            Open app
            <OutwardArrow />
          </a>
        ) : undefined
      }
    >
      <Loaded
        read={read}
        what="The app"
        missing={(error) => (
          <Empty title="No such app" action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}>
            {error.message}
          </Empty>
        )}
      >
        {(data) => (
          <>
            <Tabs label="App" isTight>
              {tabs.map(([word, to]) => (
                <Tab key={to} to={to} params={{ app: data.name }} isStart={to === '/dashboard/apps/$app'}>
                  {word}
                </Tab>
              ))}
            </Tabs>
            <Outlet />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** In the order in which people look: what it has, what it is told, what it does, who may, and the rest. */
const tabs = [
  ['Overview', '/dashboard/apps/$app'],
  ['Resources', '/dashboard/apps/$app/resources'],
  ['Config vars', '/dashboard/apps/$app/config-vars'],
  ['Deploys', '/dashboard/apps/$app/deploys'],
  ['Releases', '/dashboard/apps/$app/releases'],
  ['Dynos', '/dashboard/apps/$app/dynos'],
  ['Logs', '/dashboard/apps/$app/logs'],
  ['Webhooks', '/dashboard/apps/$app/webhooks'],
  ['Access', '/dashboard/apps/$app/access'],
  ['Activity', '/dashboard/apps/$app/activity'],
  ['Settings', '/dashboard/apps/$app/settings'],
] as const
