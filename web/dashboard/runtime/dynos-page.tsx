import type { Dyno, Formation } from '@mortise/contract/platform-api/dynos'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button, ButtonLink } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Loaded, together } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty, None, Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { shown } from '../progress.js'
import { changed, moving } from '../resources.js'
import { crashReason } from './crash.js'
import { formation, lastWords } from './queries.js'
import { Scale } from './scale.js'

/** How many of each process run, what runs just now, and how to start it anew or end it. */
export function DynosPage() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/dynos' })
  const read = together(useQuery(formation(app)), useQuery(moving(app)))
  return (
    <Loaded
      read={read}
      what="The dynos"
      rows={4}
      isEmpty={([types]) => types.length === 0}
      empty={
        <Empty
          title="Nothing to run yet"
          action={
            <ButtonLink look="primary" to="/dashboard/apps/$app/deploys" params={{ app }}>
              Deploy the app
            </ButtonLink>
          }
        >
          The first deploy says which processes there are, by its Procfile or by what is found in it.
        </Empty>
      }
    >
      {([types, { dynos }]) => <Processes app={app} types={types} dynos={dynos} />}
    </Loaded>
  )
}

function Processes({ app, types, dynos }: { app: string; types: Formation[]; dynos: Dyno[] }) {
  const known = new Set(types.map(({ type }) => type))
  const oneOffs = dynos.filter(({ type }) => !known.has(type))
  return (
    <>
      <Scale key={types.map(keyOf).join()} app={app} formation={types} />
      <Running app={app} types={types} dynos={dynos.filter(({ type }) => known.has(type))} />
      <Section title="One-off dynos" count={oneOffs.length}>
        {oneOffs.length === 0 ? (
          <None>
            None runs. <code className="text-soft text-sm">mortise run -a {app} bash</code> starts one with the app’s
            code and config.
          </None>
        ) : (
          <ul className={rows}>
            {oneOffs.map((dyno) => (
              <Row key={dyno.id} app={app} dyno={dyno} isOneOff />
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}

const keyOf = ({ type, quantity, size }: Formation) => `${type} ${quantity} ${size}`

function useVerb(app: string, said: string) {
  const say = useSay()
  return {
    onSuccess: () => {
      say(said)
      return changed(app)
    },
    onError: (error: Error) => say(sentenceOf(error), 'bad'),
  }
}

function Running({ app, types, dynos }: { app: string; types: Formation[]; dynos: Dyno[] }) {
  const [isAsking, setAsking] = useState(false)
  const restart = useMutation({
    mutationFn: () => api.call(routes.dynos.restartAll, { params: { app } }),
    ...useVerb(app, 'All dynos are restarting.'),
  })
  const isScaled = types.some(({ quantity }) => quantity > 0)
  return (
    <Section
      title="Running"
      count={dynos.length}
      action={
        dynos.length > 0 && (
          <Button size="small" isBusy={restart.isPending} onClick={() => setAsking(true)}>
            Restart all
          </Button>
        )
      }
    >
      {dynos.length === 0 ? (
        <Empty title="Nothing runs">
          {isScaled
            ? 'It is about to start.'
            : 'Every process is scaled to zero. Give one a quantity above, and it starts.'}
        </Empty>
      ) : (
        <div className="grid gap-5">
          {types.map(({ type }) => (
            <Type key={type} app={app} type={type} dynos={dynos.filter((dyno) => dyno.type === type)} />
          ))}
        </div>
      )}
      {isAsking && (
        <Confirm
          title="Restart all dynos?"
          lead="Each ends and starts anew with the release that it runs. For a moment nobody may answer."
          verb="Restart all"
          isBusy={restart.isPending}
          error={restart.error}
          onConfirm={() => restart.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  )
}

function Type({ app, type, dynos }: { app: string; type: string; dynos: Dyno[] }) {
  const restart = useMutation({
    mutationFn: () => api.call(routes.dynos.restartType, { params: { app, type } }),
    ...useVerb(app, `${type} is restarting.`),
  })
  if (dynos.length === 0) return null
  return (
    <div>
      <div className="mb-2 flex items-center justify-between gap-3">
        <h3 className="font-medium">
          {type} <span className="font-normal text-muted">{dynos.length}</span>
        </h3>
        {dynos.length > 1 && (
          <Button
            look="ghost"
            size="small"
            isBusy={restart.isPending}
            aria-label={`Restart all of ${type}`}
            onClick={() => restart.mutate()}
          >
            Restart all
          </Button>
        )}
      </div>
      <ul className={rows}>
        {dynos.map((dyno) => (
          <Row key={dyno.id} app={app} dyno={dyno} />
        ))}
      </ul>
    </div>
  )
}

function Row({ app, dyno, isOneOff }: { app: string; dyno: Dyno; isOneOff?: boolean }) {
  const state = shown(dyno.state)
  const params = { app, dyno: dyno.name }
  const restart = useMutation({
    mutationFn: () => api.call(routes.dynos.restart, { params }),
    ...useVerb(app, `${dyno.name} is restarting.`),
  })
  const stop = useMutation({
    mutationFn: () => api.call(routes.dynos.stop, { params }),
    ...useVerb(app, isOneOff ? `${dyno.name} is stopping.` : `${dyno.name} is stopping; another takes its place.`),
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5" data-dyno={dyno.name}>
      <div className="grid min-w-0 flex-1 basis-60 gap-0.5">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{dyno.name}</span>
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
          <span className="text-muted text-sm">
            <TimeAgo at={dyno.updated_at} /> · v{dyno.release.version} · {dyno.size}
          </span>
        </p>
        <code className="truncate text-muted text-xs" title={dyno.command}>
          {dyno.command}
        </code>
      </div>
      <div className="flex gap-1 max-sm:-ml-3 sm:-mr-3">
        {!isOneOff && (
          <Button
            look="ghost"
            size="small"
            isBusy={restart.isPending}
            aria-label={`Restart ${dyno.name}`}
            onClick={() => restart.mutate()}
          >
            Restart
          </Button>
        )}
        <Button
          look="ghost"
          size="small"
          isBusy={stop.isPending}
          aria-label={`Stop ${dyno.name}`}
          onClick={() => stop.mutate()}
        >
          Stop
        </Button>
      </div>
      {dyno.state === 'crashed' && (
        <div className="w-full min-w-0">
          <Crash app={app} dyno={dyno} />
        </div>
      )}
    </li>
  )
}

function Crash({ app, dyno }: { app: string; dyno: Dyno }) {
  const { data } = useQuery(lastWords(app, dyno.name, dyno.updated_at))
  return (
    <Notice tone="bad" isStanding>
      {(data && crashReason(data)) ?? 'It crashed. Its log says why.'}{' '}
      <Link
        to="/dashboard/apps/$app/logs"
        params={{ app }}
        search={{ dyno: dyno.name }}
        className="font-medium underline underline-offset-2"
      >
        Read its log
      </Link>
    </Notice>
  )
}
