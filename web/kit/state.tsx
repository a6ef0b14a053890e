import { type ReactNode, useEffect, useRef } from 'react'
import { sentenceOf } from '../api.js'
import { Button } from './button.js'

/** Nothing here yet: what would be here, and the first thing to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 rounded-card border border-edge border-dashed px-6 py-12 text-center">
      <p className="font-semibold text-base">{title}</p>
      {children && <div className="max-w-md text-muted">{children}</div>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}

/** It could not be shown: the server's words, and a way to ask again. */
export function Failed({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-card bg-bad-soft px-5 py-4 text-bad"
    >
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-semibold">{what} could not be shown</p>
        <p className="[overflow-wrap:anywhere]">{sentenceOf(error)}</p>
      </div>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

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

/** Grey bars in the shape of what is coming; screen readers hear one word. */
export function Loading({ rows = 3, height = 'h-16' }: { rows?: number; height?: string }) {
  const bars = Array.from({ length: rows }, (_, row) => row)
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">Loading</span>
      {bars.map((bar) => (
        <div key={bar} aria-hidden="true" className={`animate-breathe rounded-card bg-line ${height}`} />
      ))}
    </div>
  )
}
