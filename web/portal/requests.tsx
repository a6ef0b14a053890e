import type { ProviderRequest } from '@mortise/contract/platform-api/provider-portal'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { requests } from './queries.js'
import { toneOfStatus } from './words.js'

type Direction = ProviderRequest['direction'] | 'both'
const choices: [Direction, string][] = [
  ['both', 'Both ways'],
  ['to_provider', 'To you'],
  ['from_provider', 'From you'],
]

/** What passed between the platform and the provider, newest first. */
export function Requests() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const { data, error, refetch } = useQuery(requests(slug))
  const [direction, setDirection] = useState<Direction>('both')
  if (error && !data) return <Failed what="The requests" error={error} onRetry={refetch} />
  if (!data) return <Loading rows={5} />
  const shown = data.filter((one) => direction === 'both' || one.direction === direction)
  return (
    <Section
      title="Requests"
      count={shown.length}
      action={
        <div className="flex flex-wrap gap-2">
          {choices.map(([choice, title]) => (
            <Button
              key={choice}
              size="small"
              look={choice === direction ? 'secondary' : 'ghost'}
              aria-pressed={choice === direction}
              onClick={() => setDirection(choice)}
            >
              {title}
            </Button>
          ))}
        </div>
      }
    >
      {shown.length === 0 ? (
        <Empty title="Nothing was asked yet">The platform’s requests to you, and yours to it, appear here.</Empty>
      ) : (
        <ul className={rows}>
          {shown.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two of one moment differ in nothing else.
            <Row key={`${one.at} ${one.direction} ${index}`} one={one} />
          ))}
        </ul>
      )}
      <p className="mt-4 max-w-3xl text-muted text-sm">
        The newest 200. Bodies are not kept: of an answer its status and your words to the customer are. Yours are kept
        for seven days.
      </p>
    </Section>
  )
}

function Row({ one }: { one: ProviderRequest }) {
  const isToProvider = one.direction === 'to_provider'
  return (
    <li className="grid grid-cols-[1fr_auto] items-start gap-x-4 gap-y-1 px-5 py-3.5">
      <div className="min-w-0">
        <p className="text-sm [overflow-wrap:anywhere]">
          <span className="text-muted">{isToProvider ? 'Platform asked you' : 'You asked the platform'}</span>{' '}
          <code className="font-medium text-ink">
            {one.method} {one.route}
          </code>
        </p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {one.addon && `${String(one.addon['name'])} · `}
          {one.number !== null && one.number > 1 && `try ${one.number} · `}
          {one.class && `${one.class} · `}
          {one.ms !== null && `${one.ms} ms · `}
          <TimeAgo at={one.at} />
        </p>
        {one.message && <p className="text-sm [overflow-wrap:anywhere]">“{one.message}”</p>}
      </div>
      <Badge tone={toneOfStatus(one.status)}>{one.status ?? 'No answer'}</Badge>
    </li>
  )
}
