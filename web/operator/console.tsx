import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { ButtonLink } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { Page } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { Tab, Tabs } from '../kit/tabs.js'
import { useLive } from '../live.js'
import { isOperator, operatorKey } from './queries.js'

/** What stands above every part of the console. */
export function Console() {
  const read = useQuery(isOperator)
  return (
    <Page title="Operator" lead="What runs, what waits and for whom, and what needs you.">
      <Loaded
        read={read}
        what="The console"
        isEmpty={(is) => !is}
        empty={
          <Empty title="This is for the operator" action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}>
            You are signed in, and may not look here. The operator’s account is the one that the first start of the
            server made.
          </Empty>
        }
      >
        {() => (
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
        )}
      </Loaded>
    </Page>
  )
}

/** Only where there is something to follow: everybody else is told that this is not for them. */
function Live() {
  useLive('platform', operatorKey)
  return null
}
