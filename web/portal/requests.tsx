import { maskedBodyFacts, maskedBodyText } from '@mortise/contract/platform-api/masked-body-text'
import type { MaskedBody, ProviderRequest } from '@mortise/contract/platform-api/provider-portal'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { CopyButton } from '../kit/copy.js'
import { Loaded } from '../kit/loaded.js'
import { rowLink, rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { exchange, requests } from './queries.js'
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
  const read = useQuery(requests(slug))
  const [direction, setDirection] = useState<Direction>('both')
  const shown = (read.data ?? []).filter((one) => direction === 'both' || one.direction === direction)
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
      <Loaded
        read={read}
        what="The requests"
        rows={5}
        isEmpty={() => shown.length === 0}
        empty={
          <Empty title={direction === 'both' ? 'Nothing was asked yet' : 'Nothing went this way yet'}>
            Once somebody has an add-on of yours, the platform’s requests to you, and yours to it, appear here.
          </Empty>
        }
      >
        {() => (
          <ul className={rows}>
            {shown.map((one) => (
              <Row key={one.id} slug={slug} one={one} />
            ))}
          </ul>
        )}
      </Loaded>
      <p className="mt-4 max-w-3xl text-muted text-sm">
        The newest 200. Of a body, ids, plans, states and words are kept; of every other value only its type and length.
        Your own requests are kept for seven days.
      </p>
    </Section>
  )
}

function Row({ slug, one }: { slug: string; one: ProviderRequest }) {
  const [isOpen, setOpen] = useState(false)
  const bodies = useId()
  const isToProvider = one.direction === 'to_provider'
  return (
    <li>
      <div className="group relative grid grid-cols-[1fr_auto] items-start gap-x-4 gap-y-1 px-5 py-3.5">
        <div className="min-w-0">
          <p className="text-sm [overflow-wrap:anywhere]">
            <span className="text-muted">{isToProvider ? 'Platform asked you' : 'You asked the platform'}</span>{' '}
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={bodies}
              onClick={() => setOpen(!isOpen)}
              className={`cursor-pointer text-left font-medium text-ink ${rowLink}`}
            >
              <code>
                {one.method} {one.route}
              </code>
            </button>
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
        <span className="flex items-center gap-2">
          <Badge tone={toneOfStatus(one.status)}>{one.status ?? 'No answer'}</Badge>
          <svg
            viewBox="0 0 16 16"
            aria-hidden="true"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.75"
            className={`size-4 text-muted transition-transform group-hover:text-ink ${isOpen ? 'rotate-90' : ''}`}
          >
            <path d="m6 3.5 4.5 4.5L6 12.5" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
        </span>
      </div>
      <div id={bodies} hidden={!isOpen}>
        {isOpen && <Bodies slug={slug} one={one} />}
      </div>
    </li>
  )
}

/** What was sent and received, side by side where there is room. */
function Bodies({ slug, one }: { slug: string; one: ProviderRequest }) {
  const read = useQuery(exchange(slug, one))
  const isToProvider = one.direction === 'to_provider'
  return (
    <div className="px-5 pb-5">
      <Loaded read={read} what="The bodies" rows={1}>
        {({ sent, received }) => (
          <div className="grid gap-4 md:grid-cols-2">
            <Body title={isToProvider ? 'Platform sent' : 'You sent'} body={sent} />
            <Body
              title={isToProvider ? 'You answered' : 'Platform answered'}
              body={received}
              none={one.status === null ? 'No answer came.' : undefined}
            />
          </div>
        )}
      </Loaded>
    </div>
  )
}

function Body({ title, body, none }: { title: string; body: MaskedBody | null; none?: string | undefined }) {
  const text = body === null && none ? none : maskedBodyText(body)
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border border-line bg-sunken">
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 border-line border-b py-1 pr-1.5 pl-3 text-sm">
        <h3 className="font-medium">{title}</h3>
        <span className="min-w-0 flex-1 text-muted text-xs [overflow-wrap:anywhere]">
          {body && maskedBodyFacts(body)}
        </span>
        {body?.content != null && <CopyButton text={text} what={`what is under ${title}`} />}
      </div>
      <pre className="whitespace-pre-wrap px-3 py-2.5 text-[0.8125rem] text-soft leading-relaxed [overflow-wrap:anywhere]">
        {text}
      </pre>
    </section>
  )
}
