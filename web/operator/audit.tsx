import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { Badge, Name } from '../kit/badge.js'
import { Button, ButtonLink } from '../kit/button.js'
import { Choice, Field } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { card, rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { type AuditWanted, audit, auditKinds } from './queries.js'

/** Who did what, and when: on any app, and on the installation itself. */
export function Audit() {
  const wanted = useSearch({ from: '/signed/operator/audit' })
  const navigate = useNavigate({ from: '/operator/audit' })
  const list = useInfiniteQuery(audit(wanted))
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = list
  const read = { ...list, data: list.data?.pages.flatMap((page) => page.items) }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim() || undefined
    const next: AuditWanted = {
      who: text('who'),
      app: text('app'),
      kind: text('kind'),
      action: text('action'),
      since: text('since'),
      until: text('until'),
    }
    navigate({ search: next, resetScroll: false })
  }
  return (
    <Section title="Audit">
      <form
        key={JSON.stringify(wanted)}
        onSubmit={submit}
        className={`mb-6 grid items-end gap-4 p-5 sm:grid-cols-2 lg:grid-cols-3 ${card}`}
      >
        <Field label="Who" name="who" type="email" placeholder="E-mail" defaultValue={wanted.who} />
        <Field label="App" name="app" isName defaultValue={wanted.app} />
        <Choice label="What" name="kind" defaultValue={wanted.kind ?? ''}>
          <option value="">Anything</option>
          {auditKinds.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </Choice>
        <Choice label="Was" name="action" defaultValue={wanted.action ?? ''}>
          <option value="">Made, changed or removed</option>
          <option value="create">Made</option>
          <option value="update">Changed</option>
          <option value="destroy">Removed</option>
        </Choice>
        <Field label="From" name="since" type="datetime-local" defaultValue={wanted.since} />
        <Field label="Until" name="until" type="datetime-local" defaultValue={wanted.until} />
        <div className="flex flex-wrap gap-3 sm:col-span-2 lg:col-span-3">
          <Button type="submit" look="primary">
            Search
          </Button>
          {Object.values(wanted).some(Boolean) && <ButtonLink to="/operator/audit">Clear</ButtonLink>}
        </div>
      </form>
      <Loaded read={read} what="The audit trail" rows={5} empty={nothing} missing={() => nothing}>
        {(found) => (
          <>
            <ol className={rows}>
              {found.map((one) => (
                <li key={one.id} className="grid gap-1 px-5 py-3 text-sm">
                  <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <Badge tone={one.action === 'destroy' ? 'bad' : 'neutral'}>
                      {actionWords[one.action] ?? one.action}
                    </Badge>
                    <span className="font-medium">{one.resource}</span>
                    <Name>{one.subject.name ?? one.subject.id}</Name>
                    {one.app && <span className="text-muted">on {one.app.name}</span>}
                  </p>
                  <p className="text-muted [overflow-wrap:anywhere]">
                    {one.actor.email} · <TimeAgo at={one.created_at} />
                    {changeOf(one.previous_data, one.data)}
                  </p>
                </li>
              ))}
            </ol>
            {hasNextPage && (
              <div className="mt-6 text-center">
                <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
                  Show older
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Section>
  )
}

/** Also where no such app or person is known any more. */
const nothing = <Empty title="Nothing was done that matches">Ask for less, or for a longer time.</Empty>

const actionWords: Record<string, string> = { create: 'Made', update: 'Changed', destroy: 'Removed' }

/** ` · state: alpha → beta`: only what differs, and only what reads in a line. */
function changeOf(before: Record<string, unknown>, after: Record<string, unknown>): string {
  const isShort = (value: unknown) => value === null || typeof value !== 'object'
  return Object.keys(before)
    .filter((key) => isShort(before[key]) && isShort(after[key]) && before[key] !== after[key])
    .slice(0, 3)
    .map((key) => ` · ${key}: ${String(before[key])} → ${String(after[key])}`)
    .join('')
}
