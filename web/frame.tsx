import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { ButtonLink } from './kit/button.js'
import { Mark } from './kit/mark.js'
import { useAccount } from './session.js'

// A menu weighs a sixth of all that a page loads first, and most visits never open it.
const loadMenu = () => import('./account-menu.js').then((module) => ({ default: module.AccountMenu }))
const AccountMenu = lazy(loadMenu)
const preload = () => void loadMenu().catch(() => {})

/** What stands around every page: where one is, where one can go, who one is. */
export function Frame() {
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="fixed -top-20 left-3 z-50 rounded-lg bg-accent px-4 py-2 font-medium text-on-accent focus:top-3"
      >
        Skip to the page
      </a>
      <header className="sticky top-0 z-20 border-line border-b bg-paper">
        <div className="mx-auto flex h-16 max-w-5xl items-center gap-1 px-5 sm:gap-2 sm:px-8">
          <Link
            to="/dashboard"
            className="mr-2 flex items-center gap-2.5 rounded-lg sm:mr-6"
            aria-label="Mortise, your apps"
          >
            <Mark />
            <span className="hidden font-semibold text-[1.0625rem] tracking-tight sm:inline">Mortise</span>
          </Link>
          <nav aria-label="Main" className="flex gap-1">
            <Tab to="/dashboard">Apps</Tab>
            <Tab to="/marketplace">Marketplace</Tab>
          </nav>
          <div className="ml-auto">
            <AccountCorner />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex-1 outline-none">
        <Outlet />
      </main>
    </div>
  )
}

function Tab({ to, children }: { to: '/dashboard' | '/marketplace'; children: string }) {
  return (
    <Link
      to={to}
      className="rounded-lg px-3 py-1.5 font-medium text-muted text-sm hover:bg-sunken hover:text-ink"
      activeProps={{ className: 'bg-sunken !text-ink' }}
    >
      {children}
    </Link>
  )
}

const corner =
  'grid size-9 place-items-center rounded-full border border-edge bg-surface font-semibold text-sm text-soft hover:border-muted data-[state=open]:border-accent'

function AccountCorner() {
  const { data: account } = useAccount()
  const here = useRouterState({ select: (state) => state.location.href })
  const [isAsked, setAsked] = useState(false)
  if (account === undefined) return <span aria-hidden="true" className="block size-9" />
  if (account === null) {
    // The form is on the page already.
    if (!here.startsWith('/marketplace')) return null
    return (
      <ButtonLink to="/sign-in" search={{ return_to: here }} size="small">
        Sign in
      </ButtonLink>
    )
  }
  const button = (
    <button
      type="button"
      aria-label="Account"
      aria-haspopup="menu"
      aria-expanded={isAsked}
      aria-busy={isAsked || undefined}
      // It is on its way before the press is over.
      onPointerEnter={preload}
      onFocus={preload}
      onClick={() => setAsked(true)}
      className={corner}
    >
      {account.email.charAt(0).toUpperCase()}
    </button>
  )
  return isAsked ? (
    <Suspense fallback={button}>
      <AccountMenu account={account} className={corner} />
    </Suspense>
  ) : (
    button
  )
}
