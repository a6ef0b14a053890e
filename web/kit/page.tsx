import { type ReactNode, useEffect, useRef } from 'react'

let isFirstPage = true

interface PageProps {
  title: string
  /** What the window is called when the title alone would not say it. */
  name?: string
  lead?: ReactNode
  above?: ReactNode
  /** A tile before the title. */
  mark?: ReactNode
  action?: ReactNode
  children: ReactNode
}

/** One page: names the window, and hands focus to its heading when one page follows another. */
export function Page({ title, name = title, lead, above, mark, action, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${name} · Mortise`
    if (!isFirstPage) heading.current?.focus({ preventScroll: true })
    isFirstPage = false
  }, [name])
  return (
    <div className="mx-auto w-full max-w-5xl px-5 pt-8 pb-24 sm:px-8 sm:pt-12">
      {above && <div className="mb-4 text-sm">{above}</div>}
      <div className="mb-8 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        {mark}
        <div className={`grid min-w-0 gap-1.5 ${mark ? 'flex-1 basis-48' : ''}`}>
          <h1
            ref={heading}
            tabIndex={-1}
            className="font-semibold text-[1.75rem] leading-tight tracking-[-0.02em] [overflow-wrap:anywhere] sm:text-[2rem]"
          >
            {title}
          </h1>
          {lead && <div className="max-w-2xl text-muted">{lead}</div>}
        </div>
        {action}
      </div>
      {children}
    </div>
  )
}

/** A part of a page, with its own heading. */
export function Section({
  title,
  count,
  action,
  children,
}: {
  title: string
  count?: number
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <section aria-label={title} className="mb-12">
      <div className="mb-4 flex min-h-8 flex-wrap items-center justify-between gap-3">
        <h2 className="flex items-baseline gap-2 font-semibold text-lg tracking-tight">
          {title}
          {count !== undefined && count > 0 && <span className="font-normal text-base text-muted">{count}</span>}
        </h2>
        {action}
      </div>
      {children}
    </section>
  )
}

/** A white sheet; lists put lines between their rows. */
export const card = 'rounded-card border border-line bg-surface shadow-card'
export const rows = `${card} divide-y divide-line overflow-hidden`

/** A link that its whole row or card answers to: the row is `group relative`. */
export const rowLink =
  'after:absolute after:inset-0 group-hover:text-accent focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent'
