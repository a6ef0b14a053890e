import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { Page } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { Tab, Tabs } from '../kit/tabs.js'
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
          <Tabs label="Console">
            <Tab to="/operator" isStart>
              Overview
            </Tab>
            <Tab to="/operator/ledger">Ledger</Tab>
            <Tab to="/operator/providers">Providers</Tab>
            <Tab to="/operator/users">Users</Tab>
            <Tab to="/operator/teams">Teams</Tab>
            <Tab to="/operator/workers">Workers</Tab>
            <Tab to="/operator/audit">Audit</Tab>
          </Tabs>
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
