import type { Activity } from '@mortise/contract/platform-api/activity'
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { usePause } from '../dashboard/use-pause.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Choice, Field } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { rows } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { differencesOf, kindOf, sentenceFor } from './words.js'

const pageMax = 50

/** What one page of a trail is asked with. */
export interface TrailQuestion {
  query: { 'eq[resource]'?: string; 'eq[actor]'?: string }
  headers: { range: string }
  signal: AbortSignal
}

interface TrailProps {
  queryKey: QueryKey
  /** Asks for one page, of what `queryKey` names. */
  ask(question: TrailQuestion): Promise<Activity[]>
  /** What it can be narrowed to, and what it tells otherwise. */
  kinds: Readonly<Record<string, string>>
  everything: string
}

/** Who did what, and when: the newest first, narrowed by kind and by person. */
export function Trail({ queryKey, ask, kinds, everything }: TrailProps) {
  const [kind, setKind] = useState('')
  const [who, setWho] = useState('')
  const actor = usePause(who.trim(), 300)
  const list = useInfiniteQuery({
    queryKey: [...queryKey, 'activity', kind, actor],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask({
        query: { ...(kind ? { 'eq[resource]': kind } : {}), ...(actor ? { 'eq[actor]': actor } : {}) },
        headers: { range: `seq ${pageParam}..; order=desc, max=${pageMax}` },
        signal,
      }),
    getNextPageParam: (page) => (page.length < pageMax ? undefined : `]${page.at(-1)?.seq}`),
  })
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = list
  const read = { ...list, data: list.data?.pages.flat() }
  return (
    <>
      <div className="mb-5 grid gap-4 sm:max-w-xl sm:grid-cols-2">
        <Choice label="What" name="kind" value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="">{everything}</option>
          {Object.entries(kinds).map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </Choice>
        <Field
          label="By whom"
          name="actor"
          type="email"
          autoComplete="off"
          placeholder="Anybody"
          value={who}
          onChange={(event) => setWho(event.target.value)}
        />
      </div>
      <Loaded
        read={read}
        what="The activity"
        rows={6}
        empty={
          kind || actor ? (
            <Empty
              title="Nothing matches"
              action={
                <Button
                  onClick={() => {
                    setKind('')
                    setWho('')
                  }}
                >
                  Show everything
                </Button>
              }
            >
              Nothing of this kind was done, or not by that person.
            </Empty>
          ) : (
            <Empty title="Nothing happened yet">What is done from now on is told here, with who did it.</Empty>
          )
        }
      >
        {(all) => (
          <ol className={rows}>
            {all.map((activity) => (
              <Row key={activity.id} activity={activity} />
            ))}
          </ol>
        )}
      </Loaded>
      {hasNextPage && (
        <div className="mt-5 text-center">
          <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </>
  )
}

function Row({ activity }: { activity: Activity }) {
  const differences = differencesOf(activity)
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-1.5 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="[overflow-wrap:anywhere]">{sentenceFor(activity)}</p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {activity.actor.email} · <TimeAgo at={activity.created_at} />
        </p>
        {differences.length > 0 && (
          <ul className="mt-1 grid gap-0.5 text-sm">
            {differences.map(({ field, before, after }) => (
              <li key={field} className="text-soft [overflow-wrap:anywhere]">
                <span className="text-muted">{field}</span> {before} <span aria-hidden="true">→</span>
                <span className="sr-only">became</span> {after}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Badge>{kindOf(activity.resource)}</Badge>
    </li>
  )
}
