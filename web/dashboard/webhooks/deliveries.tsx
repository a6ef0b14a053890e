import { deliveryStatuses, type WebhookDelivery } from '@mortise/contract/platform-api/webhooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { answered, deliveryShown } from '../../delivery-words.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Choice } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { changed } from '../resources.js'
import { masked } from '../settings/queries.js'
import type { Hook } from './edit-webhook.js'
import { deliveries, deliveriesMax, webhookEvent } from './queries.js'

/** What was sent, what the receiver said, and sending it once more. */
export function Deliveries({ app, hooks }: { app: string; hooks: readonly Hook[] }) {
  const [status, setStatus] = useState('')
  const read = useQuery(deliveries(app, status))
  return (
    <Section
      title="Deliveries"
      action={
        <div className="w-44">
          <Choice label="Show" isCompact value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">All</option>
            {deliveryStatuses.map((one) => (
              <option key={one} value={one}>
                {deliveryShown[one].word}
              </option>
            ))}
          </Choice>
        </div>
      }
    >
      <Loaded
        read={read}
        what="The deliveries"
        rows={3}
        empty={
          <Empty title="Nothing here">
            {status
              ? 'No delivery is in this state.'
              : 'The next event that one of the webhooks wants is sent at once.'}
          </Empty>
        }
      >
        {(data) => (
          <ul className={rows}>
            {data.map((delivery) => (
              <Row
                key={delivery.id}
                app={app}
                delivery={delivery}
                hook={hooks.length > 1 ? hooks.find((one) => one.id === delivery.webhook.id) : undefined}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {read.data?.length === deliveriesMax && (
        <p className="mt-4 text-muted text-sm">The newest {deliveriesMax} are shown.</p>
      )}
    </Section>
  )
}

function Row({ app, delivery, hook }: { app: string; delivery: WebhookDelivery; hook?: Hook }) {
  const say = useSay()
  const [isOpen, setOpen] = useState(false)
  const { word, tone } = deliveryShown[delivery.status]
  const replay = useMutation({
    mutationFn: () => api.call(routes.webhooks.retry, { params: { app, delivery: delivery.id } }),
    async onSuccess() {
      say('It is sent once more.')
      await changed(app)
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <li className="px-5 py-3.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-mono text-[0.8125rem]">{delivery.event.include}</span>
            <Badge tone={tone} dot>
              {word}
            </Badge>
          </p>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            <TimeAgo at={delivery.created_at} />
            {' · '}
            {attempts(delivery)}
            {hook && ` · ${masked(hook.url)}`}
          </p>
        </div>
        <div className="flex gap-1 max-sm:-ml-3 sm:-mr-3">
          <Button look="ghost" size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide message' : 'Show message'}
          </Button>
          {delivery.status !== 'pending' && (
            <Button look="ghost" size="small" isBusy={replay.isPending} onClick={() => replay.mutate()}>
              Replay
            </Button>
          )}
        </div>
      </div>
      {isOpen && <Message app={app} event={delivery.event.id} />}
    </li>
  )
}

/** `2 tries, answered 503`, with when the next one comes. */
function attempts({ num_attempts, last_attempt, next_attempt_at, status }: WebhookDelivery): string {
  if (num_attempts === 0) return status === 'skipped' ? 'never sent' : 'not sent yet'
  const answer = last_attempt ? answered(last_attempt) : ''
  const tries = num_attempts === 1 ? '1 try' : `${num_attempts} tries`
  const next =
    status === 'retrying' && next_attempt_at ? `next at ${new Date(next_attempt_at).toLocaleTimeString()}` : ''
  return [tries, answer, next].filter(Boolean).join(', ')
}

function Message({ app, event }: { app: string; event: string }) {
  const read = useQuery(webhookEvent(app, event))
  return (
    <div className="mt-3">
      <Loaded read={read} what="The message" rows={1}>
        {(data) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
          <pre tabIndex={0} className="max-h-80 overflow-auto rounded-lg bg-sunken p-4 text-soft text-xs">
            {JSON.stringify(data.payload, null, 2)}
          </pre>
        )}
      </Loaded>
    </div>
  )
}
