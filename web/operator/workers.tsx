import { useQuery } from '@tanstack/react-query'
import { Badge } from '../kit/badge.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { TimeAgo } from '../kit/time-ago.js'
import { workers } from './queries.js'

const roles = {
  all: 'Answers, works in the background, and runs apps',
  api: 'Answers only',
  worker: 'Works in the background only',
}

/** The processes that this installation is made of. */
export function Workers() {
  const read = useQuery(workers)
  return (
    <Section title="Processes" count={read.data?.length}>
      <Loaded read={read} what="The processes">
        {(data) => (
          <ul className={rows}>
            {data.map((worker) => (
              <li key={worker.id} className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5">
                <div className="min-w-0">
                  <p className="font-medium [overflow-wrap:anywhere]">
                    {worker.host} <span className="font-normal text-muted">· process {worker.pid}</span>
                  </p>
                  <p className="text-muted text-sm">
                    {roles[worker.role]} · version {worker.version} · started <TimeAgo at={worker.started_at} />
                  </p>
                </div>
                <Badge tone={worker.state === 'alive' ? 'good' : 'bad'} dot>
                  {worker.state === 'alive' ? 'Alive' : 'Silent'}
                </Badge>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <p className="mt-4 text-muted text-sm">
        A process that said nothing for 20 seconds is silent: it ended, was paused, or lost the database. Others take
        its work over.
      </p>
    </Section>
  )
}
