import { Link, type LinkProps, useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'

interface TabsProps {
  label: string
  /** Many parts, which stand closer together. */
  isTight?: boolean
  children: ReactNode
}

/** The parts of a page, each at an address of its own. Where a phone has no room for all, the one that is shown is in sight. */
export function Tabs({ label, isTight, children }: TabsProps) {
  const bar = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another active tab
  useEffect(() => {
    const nav = bar.current
    if (!nav) return
    // At once, and when a phone is turned.
    const watch = new ResizeObserver(() => {
      const active = nav.querySelector<HTMLElement>('[aria-current="page"]')
      if (active) nav.scrollLeft = active.offsetLeft - 24
    })
    watch.observe(nav)
    return () => watch.disconnect()
  }, [path])
  return (
    <nav
      ref={bar}
      aria-label={label}
      className={`relative mb-8 flex gap-1 overflow-x-auto border-line border-b ${isTight ? '' : 'sm:gap-4'}`}
    >
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
      className="shrink-0 border-transparent border-b-2 px-2 pb-3 font-medium text-muted -outline-offset-2 hover:text-ink"
      activeProps={{ className: '!border-accent !text-ink' }}
    >
      {children}
    </Link>
  )
}
