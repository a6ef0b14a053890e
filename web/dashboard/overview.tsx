import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { card, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { Install } from '../marketplace/install.js'
import { ShortList } from './addons/short-list.js'
import { Dynos } from './dynos.js'
import { ReleaseRow } from './release-row.js'
import { type Moving, moving } from './resources.js'
import { UnderWay } from './under-way.js'
import { useGone } from './use-gone.js'

/** An app at a glance: its add-ons, what runs, and what changed last. */
export function Overview() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/' })
  const read = useQuery(moving(app))
  useGone(read.data?.addons)
  return (
    <Loaded read={read} what="The overview" rows={4}>
      {(data) => <Glance app={app} data={data} />}
    </Loaded>
  )
}

function Glance({ app, data }: { app: string; data: Moving }) {
  const [isAdding, setAdding] = useState(false)
  const add = (
    <Button look="primary" size={data.addons.length ? 'small' : 'normal'} onClick={() => setAdding(true)}>
      Add an add-on
    </Button>
  )
  return (
    <>
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
