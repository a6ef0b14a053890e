import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { installs } from './queries.js'
import { installShown } from './words.js'

/** What customers have of the service, newest first. */
export function Installs() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const { data, error, refetch } = useQuery(installs(slug))
  if (error && !data) return <Failed what="The installs" error={error} onRetry={refetch} />
  if (!data) return <Loading />
  return (
    <Section title="Installs" count={data.length}>
      {data.length === 0 ? (
        <Empty title="Nobody has it yet">Every add-on of your service is listed here.</Empty>
      ) : (
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
    </Section>
  )
}
