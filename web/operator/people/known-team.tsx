import type { InstallationAccountDetail } from '@mortise/contract/platform-api/installation-accounts'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Back } from '../../kit/back.js'
import { Name } from '../../kit/badge.js'
import { Loaded } from '../../kit/loaded.js'
import { card, Section } from '../../kit/page.js'
import { Loading, None } from '../../kit/state.js'
import { money } from '../../price.js'
import { FactList } from '../fact-list.js'
import { Apps, Missing, Roles } from './belongings.js'
import { account as accountQuery } from './queries.js'
import { Quotas } from './quotas.js'

const Happened = lazy(() => import('./happened.js').then((module) => ({ default: module.Happened })))

/** One team as an operator sees it. Who is in it, its admins decide. */
export function KnownTeamPage() {
  const { account: identity } = useParams({ from: '/signed/operator/teams/$account' })
  const read = useQuery(accountQuery(identity))
  return (
    <>
      <Back to="/operator/teams">Teams</Back>
      <Loaded read={read} what="The account" rows={5} missing={() => <Missing back="/operator/teams" />}>
        {(data) => <KnownTeam data={data} />}
      </Loaded>
    </>
  )
}

function KnownTeam({ data }: { data: InstallationAccountDetail }) {
  const name = data.name ?? data.email
  return (
    <>
      <div className={`mb-10 grid gap-5 p-5 sm:p-6 ${card}`}>
        <h2 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{name}</h2>
        <FactList
          isShort
          facts={[
            ['Since', new Date(data.created_at).toLocaleDateString()],
            ['Members', data.members.length],
            ['Add-ons', `${data.add_ons}, ${money(data.price.cents)} a month`],
          ]}
        />
      </div>
      <Roles
        title="Members"
        none="Nobody is in it."
        roles={data.members.map(({ id, email, role }) => ({
          ...{ id, role },
          link: (
            <Link
              to="/operator/users/$account"
              params={{ account: email }}
              className="min-w-0 rounded font-medium [overflow-wrap:anywhere] hover:text-accent"
            >
              {email}
            </Link>
          ),
        }))}
      />
      <Apps account={name} />
      <Section title="Allowed services" count={data.allowed_services.length}>
        {data.allowed_services.length === 0 ? (
          <None>All: its admins named none.</None>
        ) : (
          <p className="flex flex-wrap gap-2">
            {data.allowed_services.map((service) => (
              <Name key={service.id}>{service.name}</Name>
            ))}
          </p>
        )}
      </Section>
      <Quotas account={name} />
      <Suspense fallback={<Loading what="What happened" />}>
        <Happened account={data} />
      </Suspense>
    </>
  )
}
