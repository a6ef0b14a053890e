import { type ReactNode, useEffect, useRef } from 'react'
import { ApiError, sentenceOf } from '../api.js'
import { Button } from './button.js'
import { card, rows } from './page.js'

/** Nothing here yet: what would be here, and the first thing to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div
      data-empty
      className="grid justify-items-center gap-2 rounded-card border border-edge border-dashed px-6 py-12 text-center"
    >
      <p className="font-semibold text-base">{title}</p>
      {children && <div className="max-w-md text-balance text-muted">{children}</div>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}

/** It could not be shown: the server's words, and a way to ask again; not where the answer would be no for as long as they have no right to it. */
export function Failed({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  const isForbidden = error instanceof ApiError && error.status === 403
  return (
    <div role="alert" className={`flex flex-wrap items-center gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
      <div className="flex min-w-0 flex-1 basis-60 gap-3">
        {isForbidden ? <Lock /> : <Exclamation />}
        <div className="min-w-0">
          <p className={`font-semibold ${isForbidden ? '' : 'text-bad'}`}>
            {what} {isForbidden ? 'can’t be shown to you' : 'could not be shown'}
          </p>
          <p className="text-soft [overflow-wrap:anywhere]">{sentenceOf(error)}</p>
        </div>
      </div>
      {onRetry && !isForbidden && (
        <Button size="small" onClick={onRetry} className="max-sm:ml-8">
          Try again
        </Button>
      )}
    </div>
  )
}

const Exclamation = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-bad" fill="none">
    <circle cx="10" cy="10" r="8.25" stroke="currentColor" strokeWidth="1.5" />
    <path d="M10 6v4.75M10 13.5v.25" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
  </svg>
)

const Lock = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-muted" fill="none">
    <rect x="4" y="9" width="12" height="8" rx="2" stroke="currentColor" strokeWidth="1.5" />
    <path d="M6.75 9V6.5a3.25 3.25 0 0 1 6.5 0V9" stroke="currentColor" strokeWidth="1.5" />
  </svg>
)

const tones = { bad: 'bg-bad-soft text-bad', warn: 'bg-warn-soft text-warn' }

interface NoticeProps {
  tone: keyof typeof tones
  /** It was there from the start, and is no news to be announced. */
  isStanding?: boolean
  children: ReactNode
}

/** A sentence that belongs to what stands around it: a refusal in a form, a warning before a choice. */
export function Notice({ tone, isStanding, children }: NoticeProps) {
  const box = useRef<HTMLDivElement>(null)
  // News may come up below the edge of a long dialog, or behind its last line.
  useEffect(() => {
    if (!isStanding) box.current?.scrollIntoView({ block: 'nearest' })
  }, [isStanding])
  return (
    <div
      ref={box}
      role={isStanding ? undefined : 'alert'}
      className={`scroll-mt-24 scroll-mb-32 rounded-lg px-4 py-3 text-sm [overflow-wrap:anywhere] ${tones[tone]}`}
    >
      {children}
    </div>
  )
}

interface LoadingProps {
  /** As the start of a sentence. */
  what?: string
  count?: number
  height?: string
}

/** Grey lines in the shape of the list that is coming; screen readers hear one sentence. */
export function Loading({ what, count = 3, height = 'h-16' }: LoadingProps) {
  const bars = Array.from({ length: count }, (_, row) => row)
  return (
    <div aria-busy="true">
      <span role="status" className="sr-only">
        Loading{what && ` ${what.charAt(0).toLowerCase()}${what.slice(1)}`}
      </span>
      <div aria-hidden="true" className={rows}>
        {bars.map((bar) => (
          <div key={bar} className={`grid content-center gap-2.5 px-5 ${height}`}>
            <span className="h-3 w-2/5 max-w-52 animate-breathe rounded-full bg-line" />
            <span className="h-2.5 w-3/5 max-w-80 animate-breathe rounded-full bg-line opacity-60" />
          </div>
        ))}
      </div>
    </div>
  )
}

/** That there is none of something, where a sentence is enough: one of several parts of a page. */
export function None({ children }: { children: ReactNode }) {
  return <p className={`px-5 py-4 text-soft ${card}`}>{children}</p>
}
