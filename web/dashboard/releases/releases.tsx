import type { Release } from '@mortise/contract/platform-api/releases'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { Output, useOutput } from '../output.js'
import { ReleaseRow } from '../release-row.js'
import { moving, releasesMax } from '../resources.js'
import { useAppChange } from '../use-app-change.js'
import { Differences } from './comparison.js'

/** Every release: what it changed, by whom and when, how it went, and the way back to it. */
export function Releases() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/releases' })
  const read = useQuery(moving(app))
  const count = read.data?.releases.length ?? 0
  return (
    <Section title="Releases" count={count < releasesMax ? count : undefined}>
      <Loaded
        read={read}
        what="The releases"
        rows={5}
        isEmpty={(data) => data.releases.length === 0}
        empty={<Empty title="No releases yet">Every change of code or config makes one.</Empty>}
      >
        {({ releases }) => <List app={app} releases={releases} />}
      </Loaded>
    </Section>
  )
}

function List({ app, releases }: { app: string; releases: readonly Release[] }) {
  const [target, setTarget] = useState<Release | null>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  // From before the first deploy: there is no code to go back to.
  const hasSlug = releases.some(({ current, slug }) => current && slug)
  const toggle = (id: string) =>
    setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]))
  return (
    <>
      <ol className={rows}>
        {releases.map((release) => (
          <ReleaseRow
            key={release.id}
            release={release}
            action={
              <>
                {release.eligible_for_rollback && !release.current && (release.slug || !hasSlug) && (
                  <Button
                    look="ghost"
                    size="small"
                    aria-label={`Roll back to v${release.version}`}
                    onClick={() => setTarget(release)}
                  >
                    Roll back
                  </Button>
                )}
                <Button
                  look="ghost"
                  size="small"
                  aria-expanded={open.has(release.id)}
                  aria-label={`Details of v${release.version}`}
                  onClick={() => toggle(release.id)}
                >
                  Details
                </Button>
              </>
            }
          >
            {open.has(release.id) && <Details app={app} release={release} />}
          </ReleaseRow>
        ))}
      </ol>
      {releases.length === releasesMax && (
        <p className="mt-4 text-muted text-sm">The newest {releasesMax} are shown. The command line lists them all.</p>
      )}
      {target && <Rollback app={app} target={target} onClose={() => setTarget(null)} />}
    </>
  )
}

function Details({ app, release }: { app: string; release: Release }) {
  return (
    <div className="grid gap-5 rounded-lg bg-sunken px-4 py-4">
      <Differences app={app} version={release.version} against="previous" />
      {release.output_stream_url && <CommandOutput url={release.output_stream_url} version={release.version} />}
    </div>
  )
}

function CommandOutput({ url, version }: { url: string; version: number }) {
  const read = useOutput(url)
  return (
    <div className="grid gap-2">
      <p className="font-medium text-sm">Release command</p>
      <Output label={`Output of the release command of v${version}`} read={read} nothing="It said nothing." />
    </div>
  )
}

function Rollback({ app, target, onClose }: { app: string; target: Release; onClose(): void }) {
  const rollback = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.releases.create, { params: { app }, body: { release: target.id } }),
    said: (release) => `v${release.version} goes back to v${target.version}.`,
  })
  return (
    <Confirm
      title={`Roll back to v${target.version}?`}
      lead={`A new release takes the code and your own config vars of v${target.version}. Add-ons stay attached, with the values they have today.`}
      verb="Roll back"
      isBusy={rollback.isPending}
      error={rollback.error}
      onConfirm={() => rollback.mutate()}
      onClose={onClose}
    >
      <div className="grid gap-3 rounded-lg bg-sunken px-4 py-4">
        <p className="font-medium text-sm">What changes</p>
        <Differences app={app} version={target.version} against="now" />
      </div>
    </Confirm>
  )
}
