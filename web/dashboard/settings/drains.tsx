import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { None, Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'
import { drains } from './queries.js'

interface Shown {
  id: string
  url: string
}

/** Where the app's log lines are sent beside the page of logs. */
export function Drains({ app }: { app: string }) {
  const read = useQuery(drains(app))
  const [isAdding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Shown | null>(null)
  return (
    <Section
      title="Log drains"
      count={read.data?.length}
      action={
        <Button size="small" onClick={() => setAdding(true)}>
          Add a drain
        </Button>
      }
    >
      <Loaded
        read={read}
        what="The log drains"
        rows={1}
        empty={<None>Log lines go nowhere else. An add-on for logs brings its own drain.</None>}
      >
        {(data) => (
          <ul className={rows}>
            {data.map((drain) => (
              <li key={drain.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
                  <p className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
                    {drain.url || 'Its provider has not said where yet'}
                  </p>
                  <p className="text-muted text-sm">
                    {drain.addon ? `Of ${drain.addon.name}` : 'Of your own'} · <Name>{drain.token}</Name>
                  </p>
                </div>
                {!drain.addon && (
                  <Button
                    look="ghost"
                    size="small"
                    aria-label={`Remove the drain to ${drain.url}`}
                    onClick={() => setRemoving(drain)}
                    className="max-sm:-ml-3 sm:-mr-3"
                  >
                    Remove
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isAdding && <AddDrain app={app} onClose={() => setAdding(false)} />}
      {removing && <RemoveDrain app={app} drain={removing} onClose={() => setRemoving(null)} />}
    </Section>
  )
}

function AddDrain({ app, onClose }: { app: string; onClose(): void }) {
  const [url, setUrl] = useState('')
  const add = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.drains.create, { params: { app }, body: { url: url.trim() } }),
    // The address may hold a password.
    gcTime: 0,
    said: () => 'Log lines go there from now on.',
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (url.trim() && !add.isPending) add.mutate()
  }
  return (
    <Dialog title="Add a log drain" lead="Each log line of the app is sent to this address." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="Address"
          name="url"
          isName
          required
          placeholder="syslog+tls://logs.example.com:6514"
          hint="https, syslog+tls or syslog. A password in it is never shown again."
          maxLength={2048}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        {add.error && <Notice tone="bad">{sentenceOf(add.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!url.trim()} isBusy={add.isPending}>
            Add drain
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function RemoveDrain({ app, drain, onClose }: { app: string; drain: Shown; onClose(): void }) {
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.drains.delete, { params: { app, drain: drain.id } }),
    said: () => 'The drain is removed.',
  })
  return (
    <Confirm
      title="Remove this log drain?"
      lead={`No more lines are sent to ${drain.url}.`}
      verb="Remove"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
