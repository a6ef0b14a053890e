import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../../kit/badge.js'
import { ButtonLink } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty, None } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { appsOf } from './queries.js'

/** An account's apps. An operator sees that they are there, and what was done to them; what is in them is their owner's. */
export function Apps({ account }: { account: string }) {
  const read = useQuery(appsOf(account))
  return (
    <Section title="Apps" count={read.data?.length}>
      <Loaded read={read} what="The apps" rows={2} empty={<None>It has no app.</None>}>
        {(data) => (
          <ul className={rows}>
            {data.map((app) => (
              <li key={app.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-48">
                  <p className="font-medium [overflow-wrap:anywhere]">{app.name}</p>
                  <p className="text-muted text-sm">
                    {app.add_ons} {app.add_ons === 1 ? 'add-on' : 'add-ons'} ·{' '}
                    {app.released_at ? 'released ' : 'created '}
                    <TimeAgo at={app.released_at ?? app.created_at} />
                  </p>
                </div>
                {app.maintenance && <Badge tone="warn">Maintenance</Badge>}
                <Link
                  to="/operator/audit"
                  search={{ app: app.name }}
                  aria-label={`Audit of ${app.name}`}
                  className="rounded text-muted text-sm underline underline-offset-2 hover:text-ink"
                >
                  Audit
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}

/** Who is in what, and as what: a person's teams, a team's members. */
export function Roles({
  title,
  none,
  roles,
}: {
  title: string
  none: string
  roles: readonly { id: string; role: string; link: ReactNode }[]
}) {
  return (
    <Section title={title} count={roles.length}>
      {roles.length === 0 ? (
        <None>{none}</None>
      ) : (
        <ul className={rows}>
          {roles.map(({ id, role, link }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-5 py-3">
              {link}
              <Badge>{role}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

export function Missing({ back }: { back: '/operator/users' | '/operator/teams' }) {
  return (
    <Empty title="There is no such account" action={<ButtonLink to={back}>See all</ButtonLink>}>
      It was ended, or was never there.
    </Empty>
  )
}
