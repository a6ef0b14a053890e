import type { Dyno } from '@mortise/contract/platform-api/dynos'
import { useMutation } from '@tanstack/react-query'
import { api, routes, sentenceOf } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button, ButtonLink } from '../kit/button.js'
import { rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'
import { shown } from './progress.js'
import { changed } from './resources.js'

export function Dynos({ app, dynos }: { app: string; dynos: Dyno[] }) {
  const say = useSay()
  const restart = useMutation({
    mutationFn: () => api.call(routes.dynos.restartAll, { params: { app } }),
    onSuccess: () => {
      say('All dynos are restarting.')
      return changed(app)
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <Section
      title="Dynos"
      count={dynos.length}
      action={
        dynos.length > 0 && (
          <Button size="small" isBusy={restart.isPending} onClick={() => restart.mutate()}>
            Restart all
          </Button>
        )
      }
    >
      {dynos.length === 0 ? (
        <Empty
          title="Nothing runs yet"
          action={
            <ButtonLink to="/dashboard/apps/$app/deploys" params={{ app }}>
              How to deploy
            </ButtonLink>
          }
        >
          Deploy the app, and its processes show up here.
        </Empty>
      ) : (
        <ul className={rows}>
          {dynos.map((dyno) => (
            <Row key={dyno.id} dyno={dyno} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function Row({ dyno }: { dyno: Dyno }) {
  const state = shown(dyno.state)
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5 sm:grid-cols-[7rem_1fr_auto_7rem]">
      <span className="font-medium">{dyno.name}</span>
      <code className="truncate text-muted text-xs max-sm:order-last max-sm:col-span-2" title={dyno.command}>
        {dyno.command}
      </code>
      <span className="text-muted text-sm max-sm:hidden">
        v{dyno.release.version} · <TimeAgo at={dyno.updated_at} />
      </span>
      <span className="justify-self-end">
        <Badge tone={state.tone} dot>
          {state.word}
        </Badge>
      </span>
    </li>
  )
}
