import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button, ButtonLink } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Loaded } from '../../kit/loaded.js'
import { card, Page, rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { Tab, Tabs } from '../../kit/tabs.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { AllowedServices } from './allowed-services.js'
import { Members } from './members.js'
import { appsOf, isAdminOf, team as teamOf, teamsChanged } from './queries.js'

/** One team, in parts: what stands above each of them. */
export function TeamPage() {
  const { team: name } = useParams({ from: '/signed/dashboard/teams/$team' })
  const read = useQuery(teamOf(name))
  const { data: team } = read
  const above = (
    <Link to="/dashboard/teams" className="text-muted hover:text-ink">
      ← Teams
    </Link>
  )
  return (
    <Page title={team?.name ?? name} above={above} lead={team?.role && `You are ${team.role} of this team.`}>
      <Loaded
        read={read}
        what="The team"
        missing={(error) => (
          <Empty title="No such team" action={<ButtonLink to="/dashboard/teams">Go to your teams</ButtonLink>}>
            {error.message}
          </Empty>
        )}
      >
        {(team) => (
          <>
            {isAdminOf(team) && (
              <Tabs label="Team">
                <Tab to="/dashboard/teams/$team" params={{ team: name }} isStart>
                  Overview
                </Tab>
                <Tab to="/dashboard/teams/$team/activity" params={{ team: name }}>
                  Activity
                </Tab>
              </Tabs>
            )}
            <Outlet />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Who is in it, whom it waits for, and its apps. */
export function TeamOverview() {
  const { team: name } = useParams({ from: '/signed/dashboard/teams/$team/' })
  const { data: team } = useQuery(teamOf(name))
  const [isDeleting, setDeleting] = useState(false)
  if (!team) return null
  const isAdmin = isAdminOf(team)
  return (
    <>
      <Members team={team.name} isAdmin={isAdmin} />
      <Apps team={team.name} />
      <AllowedServices team={team.name} isAdmin={isAdmin} />
      {isAdmin && (
        <Section title="Delete">
          <div className={`flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
            <p className="min-w-0 flex-1 basis-64 text-soft">
              A team can be deleted once it has no apps. Its members keep their accounts.
            </p>
            <Button look="danger" onClick={() => setDeleting(true)}>
              Delete the team
            </Button>
          </div>
        </Section>
      )}
      {isDeleting && <DeleteTeam team={team.name} onClose={() => setDeleting(false)} />}
    </>
  )
}

function Apps({ team }: { team: string }) {
  const read = useQuery(appsOf(team))
  return (
    <Section title="Apps" count={read.data?.length}>
      <Loaded
        read={read}
        what="Its apps"
        rows={2}
        empty={
          <Empty title="The team has no app yet" action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}>
            Create one for it there, or give it one on that app’s page of access.
          </Empty>
        }
      >
        {(data) => (
          <ul className={rows}>
            {data.map((app) => (
              <li key={app.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-48">
                  <Link
                    to="/dashboard/apps/$app"
                    params={{ app: app.name }}
                    className="rounded font-medium [overflow-wrap:anywhere] hover:text-accent"
                  >
                    {app.name}
                  </Link>
                  <p className="text-muted text-sm">
                    {app.released_at ? 'Released ' : 'Created '}
                    <TimeAgo at={app.released_at ?? app.created_at} />
                  </p>
                </div>
                {app.locked && <Badge>Locked</Badge>}
                {app.maintenance && <Badge tone="warn">Maintenance</Badge>}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}

function DeleteTeam({ team, onClose }: { team: string; onClose(): void }) {
  const say = useSay()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => api.call(routes.teams.remove, { params: { team } }),
    async onSuccess() {
      say(`The team ${team} is deleted.`)
      await navigate({ to: '/dashboard/teams' })
      await teamsChanged()
    },
  })
  return (
    <Confirm
      title={`Delete the team ${team}?`}
      lead="Its name is free again, and its invitations end. This cannot be undone."
      verb="Delete team"
      isDanger
      typed={{ what: 'the team', name: team }}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
