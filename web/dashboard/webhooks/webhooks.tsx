import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Badge, Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { CopyLine } from '../../kit/copy.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty, Notice } from '../../kit/state.js'
import { masked } from '../settings/queries.js'
import { useAppChange } from '../use-app-change.js'
import { Deliveries } from './deliveries.js'
import { EditWebhook, type Hook } from './edit-webhook.js'
import { webhooks } from './queries.js'

/** Addresses that are told what happens on the app, and what became of each telling. */
export function Webhooks() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/webhooks' })
  const read = useQuery(webhooks(app))
  const count = read.data?.length ?? 0
  const [editing, setEditing] = useState<{ hook?: Hook } | null>(null)
  const [removing, setRemoving] = useState<Hook | null>(null)
  /** Told once, by the answer that made it; in this page's memory only, and gone with it. */
  const [secret, setSecret] = useState<string | null>(null)
  const add = (
    <Button look="primary" size={count ? 'small' : 'normal'} onClick={() => setEditing({})}>
      Add a webhook
    </Button>
  )
  return (
    <>
      <Section title="Webhooks" count={count} action={count > 0 && add}>
        {secret && (
          <div className="mb-5 grid gap-3">
            <Notice tone="warn">
              Its secret is shown this once. With it the receiver checks that a message is from here.
            </Notice>
            <CopyLine text={secret} />
          </div>
        )}
        <Loaded
          read={read}
          what="The webhooks"
          empty={
            <Empty title="No webhooks yet" action={add}>
              A webhook tells an address of yours of releases, builds, add-ons and what else happens on the app.
            </Empty>
          }
        >
          {(data) => (
            <ul className={rows}>
              {data.map((hook) => (
                <li key={hook.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4">
                  <div className="grid min-w-0 flex-1 basis-64 gap-1.5">
                    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                      <span className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{masked(hook.url)}</span>
                      <Badge>{hook.level === 'sync' ? 'Until it is taken' : 'One try'}</Badge>
                    </p>
                    <p className="flex flex-wrap gap-1.5">
                      {hook.include.map((one) => (
                        <Name key={one}>{one}</Name>
                      ))}
                    </p>
                  </div>
                  <div className="flex gap-1 max-sm:-ml-3 sm:-mr-3">
                    <Button
                      look="ghost"
                      size="small"
                      aria-label={`Edit the webhook to ${masked(hook.url)}`}
                      onClick={() => setEditing({ hook })}
                    >
                      Edit
                    </Button>
                    <Button
                      look="ghost"
                      size="small"
                      aria-label={`Remove the webhook to ${masked(hook.url)}`}
                      onClick={() => setRemoving(hook)}
                    >
                      Remove
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Section>
      {read.data && count > 0 && <Deliveries app={app} hooks={read.data} />}
      {editing && <EditWebhook app={app} hook={editing.hook} onSecret={setSecret} onClose={() => setEditing(null)} />}
      {removing && <RemoveWebhook app={app} hook={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

function RemoveWebhook({ app, hook, onClose }: { app: string; hook: Hook; onClose(): void }) {
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.webhooks.delete, { params: { app, webhook: hook.id } }),
    said: () => 'The webhook is removed.',
  })
  return (
    <Confirm
      title="Remove this webhook?"
      lead={`Nothing more is sent to ${masked(hook.url)}, and its deliveries leave the list.`}
      verb="Remove"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
