import type { App } from '@mortise/contract/platform-api/apps'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { CopyLine } from '../../kit/copy.js'
import { Fact, Facts } from '../../kit/facts.js'
import { Loaded } from '../../kit/loaded.js'
import { card, Section } from '../../kit/page.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { Rename } from '../rename.js'
import { app as appOf, changed } from '../resources.js'
import { Buildpacks } from './buildpacks.js'
import { Certificates } from './certificates.js'
import { DestroyApp } from './destroy-app.js'
import { Domains } from './domains.js'
import { Drains } from './drains.js'

/** What an app is called, where it is reached, how it is built, where its logs go, and its end. */
export function Settings() {
  const { app: name } = useParams({ from: '/signed/dashboard/apps/$app/settings' })
  const read = useQuery(appOf(name))
  return (
    <Loaded read={read} what="The settings" rows={4}>
      {(app) => <Parts name={name} app={app} />}
    </Loaded>
  )
}

function Parts({ name, app }: { name: string; app: App }) {
  const [isDestroying, setDestroying] = useState(false)
  return (
    <>
      <Section title="About">
        <div className={card}>
          <RenameApp key={app.name} app={app} />
          <Facts className="border-line border-t">
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
            {app.kind !== 'external' && (
              <Fact label="Git address">
                <CopyLine text={app.git_url} />
              </Fact>
            )}
            <Fact label="Id">
              <CopyLine text={app.id} />
            </Fact>
          </Facts>
        </div>
      </Section>
      {app.kind !== 'external' && (
        <>
          <Maintenance app={app} />
          <Domains app={name} />
          <Certificates app={name} />
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

function RenameApp({ app }: { app: App }) {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <Rename
      now={app.name}
      hint="Its own address changes with it, at once."
      maxLength={30}
      rename={async (name) => {
        const renamed = await api.call(routes.apps.update, { params: { app: app.id }, body: { name } })
        say(`${app.name} is called ${renamed.name} now.`)
        await navigate({ to: '/dashboard/apps/$app/settings', params: { app: renamed.name }, replace: true })
        await queryClient.invalidateQueries({ queryKey: ['apps'] })
      }}
    />
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
