import type { Build } from '@mortise/contract/platform-api/builds'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Badge } from '../../kit/badge.js'
import { Loaded } from '../../kit/loaded.js'
import { rowLink, rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { shownBuild } from '../progress.js'
import { builds, buildsMax, sizeOf, sourceOf, tookOf } from './builds.js'
import { HowToDeploy } from './how-to-deploy.js'

/** What was built of an app, the newest first, and how to build more. */
export function Deploys() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/deploys' })
  const read = useQuery(builds(app))
  const count = read.data?.length ?? 0
  return (
    <>
      <Section title="Builds" count={count < buildsMax ? count : undefined}>
        <Loaded
          read={read}
          what="The builds"
          rows={4}
          empty={
            <Empty title="Nothing is deployed yet">
              Send the source, and the app runs it. From then on each change of config builds and releases it anew.
            </Empty>
          }
        >
          {(data) => (
            <ol className={rows}>
              {data.map((build) => (
                <Row key={build.id} app={app} build={build} />
              ))}
            </ol>
          )}
        </Loaded>
        {count === buildsMax && <p className="mt-4 text-muted text-sm">The newest {buildsMax} are shown.</p>}
      </Section>
      <HowToDeploy app={app} />
    </>
  )
}

function Row({ app, build }: { app: string; build: Build }) {
  const state = shownBuild(build.status)
  const size = sizeOf(build.slug?.size)
  return (
    <li className="group relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5 hover:bg-sunken">
      <div className="min-w-0">
        <Link
          to="/dashboard/apps/$app/deploys/$build"
          params={{ app, build: build.id }}
          className={`font-medium [overflow-wrap:anywhere] ${rowLink}`}
        >
          {sourceOf(build)}
        </Link>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {build.user.email} · <TimeAgo at={build.created_at} /> · <Took of={build} />
          {size && <> · {size}</>}
        </p>
        {build.status === 'failed' && build.message && (
          <p className="mt-1 text-soft text-sm [overflow-wrap:anywhere]">{build.message}</p>
        )}
      </div>
      <Badge tone={state.tone} dot>
        {state.word}
      </Badge>
    </li>
  )
}

/** How long it took; while it goes on, it counts. */
export function Took({ of }: { of: Build }) {
  const [now, setNow] = useState(Date.now)
  const isPending = of.status === 'pending'
  useEffect(() => {
    if (!isPending) return
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [isPending])
  return <span className="tabular-nums">{tookOf(of, now)}</span>
}
