import type { App } from '@mortise/contract/platform-api/apps'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { api, queryClient, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { CopyLine } from '../../kit/copy.js'
import { Field } from '../../kit/field.js'
import { card, Section } from '../../kit/page.js'
import { Failed, Loading, Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { app as appOf, changed } from '../resources.js'
import { Buildpacks } from './buildpacks.js'
import { DestroyApp } from './destroy-app.js'
import { Domains } from './domains.js'
import { Drains } from './drains.js'

/** What an app is called, where it is reached, how it is built, where its logs go, and its end. */
export function Settings() {
  const { app: name } = useParams({ from: '/signed/dashboard/apps/$app/settings' })
  const { data: app, error, refetch } = useQuery(appOf(name))
  const [isDestroying, setDestroying] = useState(false)
  if (error && !app) return <Failed what="The settings" error={error} onRetry={refetch} />
  if (!app) return <Loading rows={4} />
  return (
    <>
      <Section title="About">
        <div className={card}>
          <Rename key={app.name} app={app} />
          <dl className="grid gap-x-6 gap-y-3 border-line border-t px-5 py-4 text-sm sm:grid-cols-[10rem_1fr]">
            <Fact label="Region">{app.region.name}</Fact>
            <Fact label="Stack">{app.stack.name}</Fact>
            <Fact label="Buildpack">{app.buildpack_provided_description ?? 'Not built yet'}</Fact>
            <Fact label="Created">
              <TimeAgo at={app.created_at} />
            </Fact>
            {app.web_url && (
              <Fact label="Web address">
                <CopyLine text={app.web_url} />
              </Fact>
            )}
            <Fact label="Id">
              <CopyLine text={app.id} />
            </Fact>
          </dl>
        </div>
      </Section>
      {app.kind !== 'external' && (
        <>
          <Maintenance app={app} />
          <Domains app={name} />
          <Buildpacks app={name} />
        </>
      )}
      <Drains app={name} />
      <Section title="Destroy">
        <div className={`flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
          <p className="min-w-0 flex-1 basis-64 text-soft">
            The app goes with its add-ons, its releases and its config. This cannot be undone.
          </p>
          <Button look="danger" onClick={() => setDestroying(true)}>
            Destroy the app
          </Button>
        </div>
      </Section>
      {isDestroying && <DestroyApp app={name} onClose={() => setDestroying(false)} />}
    </>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted max-sm:-mb-2 sm:py-1.5">{label}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere] sm:has-[>time]:py-1.5 sm:not-has-[>*]:py-1.5">{children}</dd>
    </>
  )
}

function Rename({ app }: { app: App }) {
  const say = useSay()
  const navigate = useNavigate()
  const [name, setName] = useState(app.name)
  const wanted = name.trim()
  const rename = useMutation({
    mutationFn: () => api.call(routes.apps.update, { params: { app: app.id }, body: { name: wanted } }),
    async onSuccess(renamed) {
      say(`${app.name} is called ${renamed.name} now.`)
      await navigate({ to: '/dashboard/apps/$app/settings', params: { app: renamed.name }, replace: true })
      await queryClient.invalidateQueries({ queryKey: ['apps'] })
    },
  })
  const isReady = wanted !== '' && wanted !== app.name
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !rename.isPending) rename.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-3 px-5 py-5">
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-64">
          <Field
            label="Name"
            name="name"
            isName
            maxLength={30}
            value={name}
            onChange={(event) => setName(event.target.value)}
            hint="Its own address changes with it, at once."
          />
        </div>
        <Button type="submit" disabled={!isReady} isBusy={rename.isPending} className="sm:mt-[1.8rem]">
          Rename
        </Button>
      </div>
      {rename.error && <Notice tone="bad">{sentenceOf(rename.error)}</Notice>}
    </form>
  )
}

function Maintenance({ app }: { app: App }) {
  const say = useSay()
  const turn = useMutation({
    mutationFn: () =>
      api.call(routes.apps.update, { params: { app: app.id }, body: { maintenance: !app.maintenance } }),
    async onSuccess({ maintenance }) {
      say(maintenance ? 'Visitors see a page of maintenance now.' : 'Visitors reach the app again.')
      await changed(app.name)
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <Section title="Maintenance">
      <div className={`flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
        <p className="flex min-w-0 flex-1 basis-64 flex-wrap items-center gap-3 text-soft">
          <Badge tone={app.maintenance ? 'warn' : 'neutral'} dot>
            {app.maintenance ? 'On' : 'Off'}
          </Badge>
          <span>
            {app.maintenance
              ? 'Visitors see a page that says so. The dynos go on.'
              : 'When it is on, visitors see a page that says so instead of the app.'}
          </span>
        </p>
        <Button isBusy={turn.isPending} onClick={() => turn.mutate()}>
          {app.maintenance ? 'End maintenance' : 'Begin maintenance'}
        </Button>
      </div>
    </Section>
  )
}
