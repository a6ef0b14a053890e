import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { CopyLine } from '../kit/copy.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { installs } from './queries.js'
import { installShown } from './words.js'

/** What customers have of the service, newest first. */
export function Installs() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const read = useQuery(installs(slug))
  return (
    <Section title="Installs" count={read.data?.length}>
      <Loaded
        read={read}
        what="The installs"
        empty={
          <Empty title="Nobody has it yet" action={<CopyLine text={`mortise addons:create ${slug} --app YOUR_APP`} />}>
            Every add-on of your service is listed here. Be its first customer:
          </Empty>
        }
      >
        {(data) => (
          <ul className={rows}>
            {data.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-60">
                  <p className="font-medium [overflow-wrap:anywhere]">{one.name}</p>
                  <p className="text-muted text-sm [overflow-wrap:anywhere]">
                    {String(one.plan['name'])}
                    {one.app && ` · ${String(one.app['name'])}`} · <TimeAgo at={one.created_at} />
                  </p>
                  <p className="text-muted text-xs [overflow-wrap:anywhere]">{one.id}</p>
                </div>
                <Badge tone={installShown[one.state]?.tone ?? 'neutral'} dot>
                  {installShown[one.state]?.word ?? one.state}
                </Badge>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}
