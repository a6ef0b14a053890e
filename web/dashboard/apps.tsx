import type { App } from '@mortise/contract/platform-api/apps'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, queryClient, routes, sentenceOf } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Actions, Dialog } from '../kit/dialog.js'
import { Field } from '../kit/field.js'
import { Page, rows } from '../kit/page.js'
import { Empty, Failed, Loading, Notice } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useLive } from '../live.js'
import { apps } from './resources.js'

export function Apps() {
  const { data, error, refetch } = useQuery(apps)
  useLive('account', ['apps'])
  const [isCreating, setCreating] = useState(false)
  const create = (
    <Button look="primary" onClick={() => setCreating(true)}>
      Create an app
    </Button>
  )
  return (
    <Page title="Apps" action={data && data.length > 0 ? create : undefined}>
      {error ? (
        <Failed what="Your apps" error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty title="No apps yet" action={create}>
          An app is what your code runs in, and what add-ons attach to. Give it a name, or let it get one.
        </Empty>
      ) : (
        <ul className={rows}>
          {data.map((app) => (
            <Row key={app.id} app={app} />
          ))}
        </ul>
      )}
      {isCreating && <CreateApp onClose={() => setCreating(false)} />}
    </Page>
  )
}

function Row({ app }: { app: App }) {
  return (
    <li className="group relative flex items-center gap-4 px-5 py-4 hover:bg-sunken">
      <div className="min-w-0 flex-1">
        <Link
          to="/dashboard/apps/$app"
          params={{ app: app.name }}
          className="font-semibold outline-offset-0 [overflow-wrap:anywhere] after:absolute after:inset-0 group-hover:text-accent focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {app.name}
        </Link>
        <p className="truncate text-muted text-sm">
          {app.released_at ? (
            <>
              Released <TimeAgo at={app.released_at} />
            </>
          ) : (
            <>
              Created <TimeAgo at={app.created_at} />
            </>
          )}
          <span className="max-sm:hidden"> · {app.buildpack_provided_description ?? app.stack.name}</span>
        </p>
      </div>
      {app.maintenance && <Badge tone="warn">Maintenance</Badge>}
      {app.kind === 'external' && <Badge>Runs elsewhere</Badge>}
      <span className="text-muted text-sm max-sm:hidden">{app.region.name}</span>
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

function CreateApp({ onClose }: { onClose(): void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const create = useMutation({
    mutationFn: () => api.call(routes.apps.create, { body: name.trim() ? { name: name.trim() } : {} }),
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
