import type { ReactNode } from 'react'

/** Facts about one thing, each with its name beside it. */
export function Facts({ className = '', children }: { className?: string; children: ReactNode }) {
  return <dl className={`grid gap-x-6 gap-y-3 px-5 py-4 text-sm sm:grid-cols-[10rem_1fr] ${className}`}>{children}</dl>
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted max-sm:-mb-2 sm:py-1.5">{label}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere] sm:not-has-[>div]:py-1.5">{children}</dd>
    </>
  )
}
