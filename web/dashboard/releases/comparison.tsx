import type { Comparison } from '@mortise/contract/platform-api/releases'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Name } from '../../kit/badge.js'
import { Notice } from '../../kit/state.js'
import { appKey } from '../resources.js'

/** What a release changed never changes again; what a rollback would change does with each release. */
export const compared = (app: string, version: number, against: 'previous' | 'now') =>
  queryOptions({
    queryKey: [...appKey(app), 'comparison', version, against],
    queryFn: ({ signal }) =>
      api.call(routes.releases.compare, {
        signal,
        params: { app, release: String(version) },
        query: { with: against },
      }),
    meta: { facts: against === 'now' ? ['release'] : [] },
    ...(against === 'previous' ? { staleTime: Number.POSITIVE_INFINITY } : {}),
  })

/** How two states of an app differ, in names. */
export function Differences({ app, version, against }: { app: string; version: number; against: 'previous' | 'now' }) {
  const { data, error } = useQuery(compared(app, version, against))
  if (error) return <Notice tone="bad">{sentenceOf(error)}</Notice>
  if (!data) {
    return (
      <div role="status">
        <span className="sr-only">Loading</span>
        <span aria-hidden="true" className="block h-6 w-2/3 animate-breathe rounded bg-line" />
      </div>
    )
  }
  const lines = linesOf(data, against === 'now')
  if (lines.length === 0) {
    return (
      <p className="text-muted text-sm">
        {against === 'now'
          ? 'Nothing would change: the code and your own config vars are the same.'
          : 'The same code and config, released anew.'}
      </p>
    )
  }
  return (
    <dl className="grid gap-2 text-sm">
      {lines.map(([term, what]) => (
        <div key={term} className="grid items-baseline gap-x-3 gap-y-1 sm:grid-cols-[8.5rem_1fr]">
          <dt className="text-muted">{term}</dt>
          <dd className="flex min-w-0 flex-wrap gap-1.5">{what}</dd>
        </div>
      ))}
    </dl>
  )
}

function linesOf(
  { slug, config_vars: vars, add_ons: addons, from }: Comparison,
  isToCome: boolean,
): [string, ReactNode][] {
  const names = (all: readonly string[]) => all.map((name) => <Name key={name}>{name}</Name>)
  const attachments = (all: Comparison['add_ons']['attached']) =>
    all.map(({ name, addon }) => (
      <span key={name} className="inline-flex flex-wrap items-baseline gap-1.5">
        <Name>{name}</Name> <span className="text-muted [overflow-wrap:anywhere]">{addon.name}</span>
      </span>
    ))
  const code = isToCome
    ? `Goes back to the build of that release${slug.to ? ` (${slug.to.id.slice(0, 8)})` : ''}`
    : slug.from
      ? `Built anew (${slug.to?.id.slice(0, 8) ?? 'none'})`
      : 'The first build'
  const all: [string, number, ReactNode][] = [
    ['Code', Number(slug.changed), code],
    [isToCome ? 'Comes back' : 'Added', vars.added.length, names(vars.added)],
    ['Changed', vars.changed.length, names(vars.changed)],
    [isToCome ? 'Goes' : 'Removed', vars.removed.length, names(vars.removed)],
    ['Attached', addons.attached.length, attachments(addons.attached)],
    ['Detached', addons.detached.length, attachments(addons.detached)],
    ['Renewed', addons.renewed.length, attachments(addons.renewed)],
    [
      'Stays as it is',
      vars.kept.length,
      [
        ...names(vars.kept),
        <span key="why" className="text-muted">
          with its add-on
        </span>,
      ],
    ],
  ]
  return all.filter(([, count]) => count > 0 && (from !== null || count > 0)).map(([term, , what]) => [term, what])
}
