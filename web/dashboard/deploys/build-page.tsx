import type { Build } from '@mortise/contract/platform-api/builds'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api, routes, sentenceOf } from '../../api.js'
import { Back } from '../../kit/back.js'
import { Badge } from '../../kit/badge.js'
import { Button, ButtonLink } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { card } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { Output, useOutput } from '../output.js'
import { shownBuild } from '../progress.js'
import { changed, moving } from '../resources.js'
import { adviceOf, build as buildQuery, sizeOf, sourceOf, telling } from './builds.js'
import { Took } from './deploys.js'

/** One build: what it was made of, how it went, and everything that it said, while it says it. */
export function BuildPage() {
  const { app, build: id } = useParams({ from: '/signed/dashboard/apps/$app/deploys/$build' })
  const read = useQuery(buildQuery(app, id))
  return (
    <>
      <Back to="/dashboard/apps/$app/deploys" params={{ app }}>
        Deploys
      </Back>
      <Loaded
        read={read}
        what="The build"
        missing={() => (
          <Empty
            title="No such build"
            action={
              <ButtonLink to="/dashboard/apps/$app/deploys" params={{ app }}>
                See all deploys
              </ButtonLink>
            }
          >
            It was of another app, or is too long ago.
          </Empty>
        )}
      >
        {(data) => <Told app={app} data={data} />}
      </Loaded>
    </>
  )
}

function Told({ app, data }: { app: string; data: Build }) {
  const read = useOutput(data.output_stream_url)
  const state = shownBuild(data.status)
  return (
    <>
      <div className={`mb-6 grid gap-4 p-5 sm:p-6 ${card}`}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h2 className="min-w-0 font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{sourceOf(data)}</h2>
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
          {data.status === 'pending' && (
            <span className="ml-auto">
              <Cancel app={app} build={data} />
            </span>
          )}
        </div>
        <Facts app={app} build={data} />
      </div>
      {data.status === 'failed' && <Why build={data} lines={read.lines} />}
      <h3 className="mb-3 font-semibold">Output</h3>
      <Output label="Output of the build" read={read} nothing="It has not said anything yet." />
    </>
  )
}

function Facts({ app, build }: { app: string; build: Build }) {
  const { data } = useQuery(moving(app))
  const release = data?.releases.find((one) => one.id === build.release?.id)
  const facts: [string, React.ReactNode][] = [
    ['By', build.user.email],
    ['Began', <TimeAgo key="began" at={build.created_at} />],
    ['Took', <Took key="took" of={build} />],
    ['Buildpack', build.buildpacks.map(({ name }) => name).join(', ') || '—'],
    ['Slug', sizeOf(build.slug?.size) ?? '—'],
    ['Release', release ? `v${release.version}` : '—'],
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-8 gap-y-3 text-sm sm:grid-cols-3">
      {facts.map(([term, value]) => (
        <div key={term} className="grid gap-0.5">
          <dt className="text-muted">{term}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Why({ build, lines }: { build: Build; lines: readonly string[] }) {
  const last = telling(lines)
  return (
    <div className="mb-6 grid gap-3 rounded-card bg-bad-soft px-5 py-4 text-bad">
      <p className="font-semibold [overflow-wrap:anywhere]">{build.message ?? 'The build failed.'}</p>
      {last.length > 0 && (
        <pre className="whitespace-pre-wrap font-mono text-[0.8125rem] leading-relaxed [overflow-wrap:anywhere]">
          {last.join('\n')}
        </pre>
      )}
      <p className="text-sm">{adviceOf(build.message, lines)}</p>
    </div>
  )
}

function Cancel({ app, build }: { app: string; build: Build }) {
  const say = useSay()
  const cancel = useMutation({
    mutationFn: () => api.call(routes.builds.cancel, { params: { app, build: build.id } }),
    onSuccess: () => changed(app),
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <Button size="small" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
      Stop the build
    </Button>
  )
}
