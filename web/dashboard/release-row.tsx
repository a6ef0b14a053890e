import type { Release } from '@mortise/contract/platform-api/releases'
import type { ReactNode } from 'react'
import { Badge } from '../kit/badge.js'
import { TimeAgo } from '../kit/time-ago.js'
import { shown } from './progress.js'

/** One release: what changed, by whom, when, and how it went. Success is the rule and is not said. */
export function ReleaseRow({ release, action }: { release: Release; action?: ReactNode }) {
  const state = shown(release.status)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <span className="w-10 shrink-0 font-medium text-muted tabular-nums">v{release.version}</span>
      <div className="min-w-0 flex-1 basis-40">
        <p className="[overflow-wrap:anywhere]">{release.description}</p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {release.user.email} · <TimeAgo at={release.created_at} />
        </p>
        {release.message && <p className="mt-1 text-soft text-sm [overflow-wrap:anywhere]">{release.message}</p>}
      </div>
      <div className="flex shrink-0 items-center gap-2">
        {release.current && <Badge tone="good">Current</Badge>}
        {release.status !== 'succeeded' && (
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
        )}
        {action}
      </div>
    </li>
  )
}
