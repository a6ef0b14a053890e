import { Link, type LinkProps } from '@tanstack/react-router'

/** The way back from one thing to the list that it is in; the address of that list may need the app. */
export function Back({ children, ...link }: LinkProps & { children: string }) {
  return (
    <p className="mb-4 text-sm">
      <Link {...link} className="text-muted hover:text-ink">
        ← {children}
      </Link>
    </p>
  )
}
