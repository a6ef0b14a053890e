import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { useLive } from '../live.js'
import { isOperator, operatorKey } from './queries.js'

/** What stands above every part of the console. */
export function Console() {
  const { data, error, refetch } = useQuery(isOperator)
  return (
    <Page title="Operator" lead="What runs, what waits and for whom, and what needs you.">
      {error ? (
        <Failed what="The console" error={error} onRetry={refetch} />
      ) : data === undefined ? (
        <Loading />
      ) : data ? (
        <>
          <Live />
          <nav aria-label="Console" className="mb-8 flex gap-1 overflow-x-auto border-line border-b sm:gap-4">
            <Tab to="/operator">Overview</Tab>
            <Tab to="/operator/ledger">Ledger</Tab>
            <Tab to="/operator/providers">Providers</Tab>
            <Tab to="/operator/workers">Workers</Tab>
            <Tab to="/operator/audit">Audit</Tab>
          </nav>
          <Outlet />
        </>
      ) : (
        <Empty title="This is for the operator">
          You are signed in, and may not look here. The operator’s account is the one that the first start of the server
          made.
        </Empty>
      )}
    </Page>
  )
}

/** Only where there is something to follow: everybody else is told that this is not for them. */
function Live() {
  useLive('platform', operatorKey)
  return null
}

type Tabs = '/operator' | '/operator/ledger' | '/operator/providers' | '/operator/workers' | '/operator/audit'

function Tab({ to, children }: { to: Tabs; children: ReactNode }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: true, includeSearch: false }}
      className="-mb-px shrink-0 border-transparent border-b-2 px-2 pb-3 font-medium text-muted -outline-offset-2 hover:text-ink"
      activeProps={{ className: '!border-accent !text-ink' }}
    >
      {children}
    </Link>
  )
}
