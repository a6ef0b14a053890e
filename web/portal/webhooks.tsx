import type { ProviderDelivery, ProviderWebhook } from '@mortise/contract/platform-api/provider-portal'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api, routes, sentenceOf } from '../api.js'
import { answered, deliveryShown } from '../delivery-words.js'
import { Badge, Name } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'
import { deliveries, looked, webhooks } from './queries.js'

/** What the provider wants to hear of its add-ons, and what became of it. */
export function Webhooks() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const made = useQuery(webhooks(slug))
  const sent = useQuery(deliveries(slug))
  return (
    <>
      <Section title="Webhooks" count={made.data?.length}>
        <Loaded
          read={made}
          what="The webhooks"
          rows={2}
          empty={
            <Empty title="You made no webhooks">
              With an add-on’s token your provider makes them: <Name>POST /addons/:id/webhooks</Name>
            </Empty>
          }
        >
          {(data) => (
            <ul className={rows}>
              {data.map((one) => (
                <WebhookRow key={one.id} webhook={one} />
              ))}
            </ul>
          )}
        </Loaded>
      </Section>
      <Section title="Deliveries" count={sent.data?.length}>
        <Loaded
          read={sent}
          what="The deliveries"
          rows={3}
          empty={
            <Empty title="Nothing was sent yet">
              With a webhook, what happens to your add-ons appears here as it is sent.
            </Empty>
          }
        >
          {(data) => (
            <>
              <ul className={rows}>
                {data.map((one) => (
                  <DeliveryRow key={one.id} slug={slug} delivery={one} />
                ))}
              </ul>
              <p className="mt-4 max-w-3xl text-muted text-sm">
                The newest 200. What has ended is kept for seven days.
              </p>
            </>
          )}
        </Loaded>
      </Section>
    </>
  )
}

function WebhookRow({ webhook }: { webhook: ProviderWebhook }) {
  const { addon, failing_since, include, level, url } = webhook
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium [overflow-wrap:anywhere]">{url}</p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {String(addon['name'])} · {include.join(', ')} · {level === 'sync' ? 'in order, until taken' : 'one try each'}
        </p>
      </div>
      {failing_since ? (
        <Badge tone="bad" dot>
          <span>
            Fails since <TimeAgo at={failing_since} />
          </span>
        </Badge>
      ) : (
        <Badge tone="good" dot>
          Works
        </Badge>
      )}
    </li>
  )
}

function DeliveryRow({ slug, delivery }: { slug: string; delivery: ProviderDelivery }) {
  const say = useSay()
  const { addon, attempts, created_at, event, id, next_attempt_at, num_attempts, status, url } = delivery
  const retry = useMutation({
    mutationFn: () => api.call(routes.providerPortal.retryDelivery, { params: { slug, delivery: id } }),
    async onSuccess() {
      say(`${event.include} is sent once more.`)
      await looked()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  const [last] = attempts
  const { word, tone } = deliveryShown[status]
  return (
    <li className="grid gap-2 px-5 py-3.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="[overflow-wrap:anywhere]">
            <span className="font-medium">{event.include}</span>{' '}
            <span className="text-muted">of {String(addon['name'])}</span>
          </p>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            {num_attempts === 1 ? '1 try' : `${num_attempts} tries`}
            {last && ` · ${answered(last)}`} · <TimeAgo at={created_at} />
            {status === 'retrying' &&
              next_attempt_at &&
              ` · again at ${new Date(next_attempt_at).toLocaleTimeString()}`}
          </p>
        </div>
        <Badge tone={tone}>{word}</Badge>
        <Button
          size="small"
          isBusy={retry.isPending}
          aria-label={`Send again: ${event.include} of ${String(addon['name'])}`}
          onClick={() => retry.mutate()}
        >
          Send again
        </Button>
      </div>
      {attempts.length > 0 && (
        <details className="text-sm">
          <summary className="w-fit cursor-pointer rounded text-accent">
            {attempts.length === 1 ? 'The attempt' : `The newest ${attempts.length} attempts`}
          </summary>
          <p className="mt-2 text-muted [overflow-wrap:anywhere]">To {url}</p>
          <ol className="mt-2 grid gap-3">
            {attempts.map((one) => (
              <li key={one.number} className="grid gap-1">
                <p className="text-muted">
                  Try {one.number}: {answered(one)} · <TimeAgo at={one.at} />
                </p>
                {one.answer && (
                  <pre className="whitespace-pre-wrap rounded-lg bg-sunken px-3 py-2 text-[0.8125rem] [overflow-wrap:anywhere]">
                    {one.answer}
                  </pre>
                )}
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  )
}
