import type { Release } from '@mortise/contract/platform-api/releases'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { useSay } from '../kit/toast.js'
import { ReleaseRow } from './release-row.js'
import { changed, moving, releasesMax } from './resources.js'

export function Releases() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/releases' })
  const { data, error, refetch } = useQuery(moving(app))
  const [target, setTarget] = useState<Release | null>(null)
  if (error && !data) return <Failed what="The releases" error={error} onRetry={refetch} />
  if (!data) return <Loading rows={5} />
  return (
    <Section title="Releases" count={data.releases.length < releasesMax ? data.releases.length : undefined}>
      {data.releases.length === 0 ? (
        <Empty title="No releases yet">Every change of code or config makes one.</Empty>
      ) : (
        <ol className={rows}>
          {data.releases.map((release) => (
            <ReleaseRow
              key={release.id}
              release={release}
              action={
                release.eligible_for_rollback &&
                !release.current && (
                  <Button
                    look="ghost"
                    size="small"
                    aria-label={`Roll back to v${release.version}`}
                    onClick={() => setTarget(release)}
                  >
                    Roll back
                  </Button>
                )
              }
            />
          ))}
        </ol>
      )}
      {data.releases.length === releasesMax && (
        <p className="mt-4 text-muted text-sm">The newest {releasesMax} are shown. The command line lists them all.</p>
      )}
      {target && <Rollback app={app} target={target} onClose={() => setTarget(null)} />}
    </Section>
  )
}

function Rollback({ app, target, onClose }: { app: string; target: Release; onClose(): void }) {
  const say = useSay()
  const rollback = useMutation({
    mutationFn: () => api.call(routes.releases.create, { params: { app }, body: { release: target.id } }),
    async onSuccess(release) {
      say(`v${release.version} goes back to v${target.version}.`)
      onClose()
      await changed(app)
    },
  })
  return (
    <Confirm
      title={`Roll back to v${target.version}?`}
      lead={`A new release takes the code and your own config vars of v${target.version}. Add-ons keep the values they have today.`}
      verb="Roll back"
      isBusy={rollback.isPending}
      error={rollback.error}
      onConfirm={() => rollback.mutate()}
      onClose={onClose}
    />
  )
}
