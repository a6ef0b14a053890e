import type { Release } from '@mortise/contract/platform-api/releases'
import type { ReactNode } from 'react'
import { Badge } from '../kit/badge.js'
import { TimeAgo } from '../kit/time-ago.js'
import { shown } from './progress.js'

/**
 * One release: what changed, by whom, when, and how it went. Success is the rule and is not said.
 * The wire marks add-ons with `@ref:`, for programs; people read `@postgresql-curved-12345`.
 */
export function ReleaseRow({
  release,
  action,
  children,
}: {
  release: Release
  action?: ReactNode
  children?: ReactNode
}) {
  const state = shown(release.status)
  return (
    <li className="grid grid-cols-[2.25rem_1fr] items-center gap-x-3 gap-y-2 px-5 py-3.5 sm:grid-cols-[2.5rem_1fr_auto] sm:gap-x-4">
      <span className="self-start font-medium text-muted tabular-nums">v{release.version}</span>
      <div className="min-w-0">
        <p className="[overflow-wrap:anywhere]">{release.description.replaceAll('@ref:', '@')}</p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {release.user.email} · <TimeAgo at={release.created_at} />
        </p>
        {release.message && <p className="mt-1 text-soft text-sm [overflow-wrap:anywhere]">{release.message}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 empty:hidden max-sm:col-start-2 max-sm:has-[button]:-ml-3 max-sm:has-[span]:ml-0">
        {release.current && <Badge tone="good">Current</Badge>}
        {release.status !== 'succeeded' && (
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
        )}
        {action}
      </div>
      {children && <div className="col-span-full min-w-0">{children}</div>}
    </li>
  )
}
