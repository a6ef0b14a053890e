import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../kit/button.js'
import { card, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { Install } from '../marketplace/install.js'
import { ShortList } from './addons/short-list.js'
import { Dynos } from './dynos.js'
import { ReleaseRow } from './release-row.js'
import { moving } from './resources.js'
import { UnderWay } from './under-way.js'
import { useGone } from './use-gone.js'

/** An app at a glance: its add-ons, what runs, and what changed last. */
export function Overview() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/' })
  const { data, error, refetch } = useQuery(moving(app))
  const [isAdding, setAdding] = useState(false)
  useGone(data?.addons)

  if (error && !data) return <Failed what="The app's resources" error={error} onRetry={refetch} />
  if (!data) return <Loading rows={4} />
  const add = (
    <Button look="primary" size={data.addons.length ? 'small' : 'normal'} onClick={() => setAdding(true)}>
      Add an add-on
    </Button>
  )
  return (
    <>
      {error && (
        <div className="mb-6">
          <Failed what="The latest state" error={error} onRetry={refetch} />
        </div>
      )}
      <UnderWay app={app} />
      <Section
        title="Add-ons"
        count={data.addons.length}
        action={
          data.addons.length > 0 && (
            <div className="flex items-center gap-4">
              <Link
                to="/dashboard/apps/$app/resources"
                params={{ app }}
                className="rounded text-accent text-sm underline-offset-4 hover:underline"
              >
                All resources
              </Link>
              {add}
            </div>
          )
        }
      >
        {data.addons.length === 0 ? (
          <Empty title="No add-ons yet" action={add}>
            A database, a cache, a mail service: pick one, and its config vars are in your app with the next release.
          </Empty>
        ) : (
          <ShortList app={app} addons={data.addons} attachments={data.attachments} />
        )}
      </Section>
      <Dynos app={app} dynos={data.dynos} />
      <Section
        title="Latest releases"
        action={
          <Link
            to="/dashboard/apps/$app/releases"
            params={{ app }}
            className="rounded text-accent text-sm underline-offset-4 hover:underline"
          >
            All releases
          </Link>
        }
      >
        {data.releases.length === 0 ? (
          <Empty title="No releases yet" />
        ) : (
          <ol className={`divide-y divide-line overflow-hidden ${card}`}>
            {data.releases.slice(0, 4).map((release) => (
              <ReleaseRow key={release.id} release={release} />
            ))}
          </ol>
        )}
      </Section>
      {isAdding && <Install app={app} onClose={() => setAdding(false)} />}
    </>
  )
}
