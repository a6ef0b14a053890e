import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** The parts of a page, each at an address of its own. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="mb-8 flex gap-1 overflow-x-auto border-line border-b sm:gap-4">
      {children}
    </nav>
  )
}

/** `isStart`: the first part, whose address the others begin with. */
export function Tab({ isStart, children, ...link }: LinkProps & { isStart?: boolean; children: ReactNode }) {
  return (
    <Link
      {...link}
      activeOptions={{ exact: isStart ?? false, includeSearch: false }}
      className="-mb-px shrink-0 border-transparent border-b-2 px-2 pb-3 font-medium text-muted -outline-offset-2 hover:text-ink"
      activeProps={{ className: '!border-accent !text-ink' }}
    >
      {children}
    </Link>
  )
}
