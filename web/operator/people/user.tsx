import type { InstallationAccountDetail } from '@mortise/contract/platform-api/installation-accounts'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Back } from '../../kit/back.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { OneTimeLink } from '../../kit/one-time-link.js'
import { card } from '../../kit/page.js'
import { Loading, Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { money } from '../../price.js'
import { useAccount } from '../../session.js'
import { FactList } from '../fact-list.js'
import { Apps, Missing, Roles } from './belongings.js'
import { account as accountQuery } from './queries.js'
import { Quotas } from './quotas.js'
import { useResetLink } from './reset-link.js'
import { Standing } from './standing.js'

// What comes below the first sight of the page comes when it is there.
const Happened = lazy(() => import('./happened.js').then((module) => ({ default: module.Happened })))

/** One person: how they stand, what they have, and what may be done about it. */
export function UserPage() {
  const { account: identity } = useParams({ from: '/signed/operator/users/$account' })
  const read = useQuery(accountQuery(identity))
  return (
    <>
      <Back to="/operator/users">Users</Back>
      <Loaded read={read} what="The account" rows={5} missing={() => <Missing back="/operator/users" />}>
        {(data) => <User data={data} />}
      </Loaded>
    </>
  )
}

function User({ data }: { data: InstallationAccountDetail }) {
  const { data: me } = useAccount()
  const [link, setLink] = useState<{ email: string; url: string } | null>(null)
  const { make, isBusy } = useResetLink(setLink)
  const isMe = data.id === me?.id
  return (
    <>
      <div className={`mb-10 grid gap-5 p-5 sm:p-6 ${card}`}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h2 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{data.email}</h2>
          {isMe && <Badge>You</Badge>}
          {data.is_operator && <Badge tone="busy">Operator</Badge>}
          {data.suspended_at && <Badge tone="bad">Suspended</Badge>}
        </div>
        {data.suspended_at && (
          <Notice tone="bad" isStanding>
            Suspended <TimeAgo at={data.suspended_at} />: {data.suspended_reason}
          </Notice>
        )}
        <Facts of={data} />
        <div className="flex flex-wrap items-center gap-2">
          {!data.suspended_at && (
            <Button size="small" isBusy={isBusy} onClick={() => make(data.email)}>
              Link to a new password
            </Button>
          )}
          <Standing account={data} isMe={isMe} />
        </div>
      </div>
      {link && <OneTimeLink {...link} />}
      <Apps account={data.email} />
      <Roles
        title="Teams"
        none="They are in no team."
        roles={data.teams.map(({ id, name, role }) => ({
          ...{ id, role },
          link: (
            <Link
              to="/operator/teams/$account"
              params={{ account: name }}
              className="min-w-0 rounded font-medium [overflow-wrap:anywhere] hover:text-accent"
            >
              {name}
            </Link>
          ),
        }))}
      />
      <Quotas account={data.email} />
      <Suspense fallback={<Loading what="What happened" />}>
        <Happened account={data} />
      </Suspense>
    </>
  )
}

function Facts({ of }: { of: InstallationAccountDetail }) {
  const facts: [string, ReactNode][] = [
    ['Name', of.name ?? '–'],
    ['Since', new Date(of.created_at).toLocaleDateString()],
    ['Last sign-in', of.last_login ? <TimeAgo key="login" at={of.last_login} /> : 'Never'],
    ['Add-ons', `${of.add_ons}, ${money(of.price.cents)} a month`],
    ['Browsers signed in', of.sessions],
    ['Tokens', of.authorizations],
  ]
  return <FactList facts={facts} isShort />
}
