import type { App } from '@mortise/contract/platform-api/apps'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, queryClient, routes, sentenceOf } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Actions, Dialog } from '../kit/dialog.js'
import { Choice, Field } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { Page, rowLink, rows } from '../kit/page.js'
import { Empty, Notice } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useLive } from '../live.js'
import { Offers } from './access/offers.js'
import { healthOf } from './health.js'
import { apps, signs } from './resources.js'
import { teams as teamsOf } from './teams/queries.js'
import { useInSight } from './use-in-sight.js'

/** All apps that one may see, how each is, and offers of others. */
export function Apps() {
  const read = useQuery(apps)
  const { data } = read
  useLive('account', ['apps'])
  const [isCreating, setCreating] = useState(false)
  const [words, setWords] = useState('')
  const [owner, setOwner] = useState('')
  const create = (
    <Button look="primary" onClick={() => setCreating(true)}>
      Create an app
    </Button>
  )
  const teams = [...new Set(data?.flatMap((app) => app.team?.name ?? []))].sort()
  const isFound = (app: App) =>
    app.name.includes(words.trim().toLowerCase()) && (owner === '' || (app.team?.name ?? mine) === owner)
  return (
    <Page title="Apps" action={data && data.length > 0 ? create : undefined}>
      <Offers />
      <Loaded
        read={read}
        what="Your apps"
        empty={
          <Empty title="No apps yet" action={create}>
            An app is what your code runs in, and what add-ons attach to. Give it a name, or let it get one.
          </Empty>
        }
      >
        {(all) => (
          <>
            {(all.length > 5 || teams.length > 0) && (
              <div className="mb-5 grid gap-4 sm:max-w-xl sm:grid-cols-2">
                <Field
                  label="Search"
                  name="search"
                  type="search"
                  isName
                  placeholder="Name of an app"
                  value={words}
                  onChange={(event) => setWords(event.target.value)}
                />
                {teams.length > 0 && (
                  <Choice label="Owner" name="owner" value={owner} onChange={(event) => setOwner(event.target.value)}>
                    <option value="">Anybody</option>
                    <option value={mine}>No team</option>
                    {teams.map((name) => (
                      <option key={name} value={name}>
                        Team {name}
                      </option>
                    ))}
                  </Choice>
                )}
              </div>
            )}
            {!all.some(isFound) ? (
              <Empty title="No app is called so">Try fewer letters, or another owner.</Empty>
            ) : (
              <ul className={rows}>
                {all.filter(isFound).map((app) => (
                  <Row key={app.id} app={app} />
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
      {isCreating && <CreateApp onClose={() => setCreating(false)} />}
    </Page>
  )
}

/** Stands for apps of people; no team can be called so. */
const mine = '~'

function Row({ app }: { app: App }) {
  return (
    <li className="group relative flex items-center gap-4 px-5 py-4 hover:bg-sunken">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-44">
          <Link
            to="/dashboard/apps/$app"
            params={{ app: app.name }}
            className={`font-semibold outline-offset-0 [overflow-wrap:anywhere] ${rowLink}`}
          >
            {app.name}
          </Link>
          <p className="truncate text-muted text-sm">
            {app.released_at ? 'Released ' : 'Created '}
            <TimeAgo at={app.released_at ?? app.created_at} />
            <span className="max-sm:hidden"> · {app.buildpack_provided_description ?? app.stack.name}</span>
            {app.team && ` · team ${app.team.name}`}
          </p>
        </div>
        <Health app={app} />
      </div>
      <svg
        viewBox="0 0 16 16"
        aria-hidden="true"
        className="size-4 shrink-0 text-muted"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
      >
        <path d="m6 3.5 4.5 4.5L6 12.5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </li>
  )
}

/** Asked for once the row is in sight, since a list may be long; kept current by the account's stream. */
function Health({ app }: { app: App }) {
  const [place, isInSight] = useInSight<HTMLSpanElement>()
  const { data, isError } = useQuery({ ...signs(app), enabled: isInSight })
  const health = data && healthOf({ app, ...data }, Date.now())
  return (
    <span ref={place} className="inline-flex min-h-6 min-w-24 sm:justify-end">
      {health ? (
        <Badge tone={health.tone} dot>
          {health.word}
        </Badge>
      ) : (
        isError && <Badge>Not known</Badge>
      )}
    </span>
  )
}

function CreateApp({ onClose }: { onClose(): void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [team, setTeam] = useState('')
  const { data: all } = useQuery(teamsOf)
  const open = all?.filter(({ role }) => role === 'admin' || role === 'owner' || role === 'member') ?? []
  const create = useMutation({
    mutationFn: (): Promise<App> => {
      const body = name.trim() ? { name: name.trim() } : {}
      return team
        ? api.call(routes.teamApps.create, { body: { ...body, team } })
        : api.call(routes.apps.create, { body })
    },
    async onSuccess(app) {
      await navigate({ to: '/dashboard/apps/$app', params: { app: app.name } })
      await queryClient.invalidateQueries({ queryKey: ['apps'] })
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (!create.isPending) create.mutate()
  }
  return (
    <Dialog title="Create an app" onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="Name"
          name="name"
          hint="Lower-case letters, digits and hyphens. Leave it empty and it gets one."
          isName
          maxLength={30}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {open.length > 0 && (
          <Choice label="Owner" name="owner" value={team} onChange={(event) => setTeam(event.target.value)}>
            <option value="">Yourself</option>
            {open.map((one) => (
              <option key={one.id} value={one.name}>
                The team {one.name}
              </option>
            ))}
          </Choice>
        )}
        {create.error && <Notice tone="bad">{sentenceOf(create.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending}>
            Create app
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
