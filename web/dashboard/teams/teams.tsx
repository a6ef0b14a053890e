import type { Team } from '@mortise/contract/platform-api/teams'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { Page, rowLink, rows } from '../../kit/page.js'
import { Empty, Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { teams, teamsChanged } from './queries.js'

/** The teams that one is in. */
export function Teams() {
  const read = useQuery(teams)
  const [isCreating, setCreating] = useState(false)
  const create = (
    <Button look="primary" onClick={() => setCreating(true)}>
      Create a team
    </Button>
  )
  return (
    <Page title="Teams" action={read.data?.length ? create : undefined}>
      <Loaded
        read={read}
        what="Your teams"
        empty={
          <Empty title="You are in no team yet" action={create}>
            A team owns apps together, pays for them together, and says who may do what.
          </Empty>
        }
      >
        {(data) => (
          <ul className={rows}>
            {data.map((team) => (
              <Row key={team.id} team={team} />
            ))}
          </ul>
        )}
      </Loaded>
      {isCreating && <CreateTeam onClose={() => setCreating(false)} />}
    </Page>
  )
}

function Row({ team }: { team: Team }) {
  return (
    <li className="group relative flex items-center gap-4 px-5 py-4 hover:bg-sunken">
      <div className="min-w-0 flex-1">
        <Link
          to="/dashboard/teams/$team"
          params={{ team: team.name }}
          className={`font-semibold [overflow-wrap:anywhere] ${rowLink}`}
        >
          {team.name}
        </Link>
        <p className="text-muted text-sm">
          Since <TimeAgo at={team.created_at} />
        </p>
      </div>
      {team.role && <Badge tone={team.role === 'admin' ? 'good' : 'neutral'}>{team.role}</Badge>}
    </li>
  )
}

function CreateTeam({ onClose }: { onClose(): void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const create = useMutation({
    mutationFn: () => api.call(routes.teams.create, { body: { name: name.trim() } }),
    async onSuccess(team) {
      await teamsChanged()
      await navigate({ to: '/dashboard/teams/$team', params: { team: team.name } })
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (name.trim() && !create.isPending) create.mutate()
  }
  return (
    <Dialog title="Create a team" lead="You are its admin, and invite the others." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="Name"
          name="name"
          isName
          required
          maxLength={100}
          hint="Lower-case letters, digits and hyphens."
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {create.error && <Notice tone="bad">{sentenceOf(create.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!name.trim()} isBusy={create.isPending}>
            Create team
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
