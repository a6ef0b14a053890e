import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { ButtonLink } from './kit/button.js'
import { Mark } from './kit/mark.js'
import { isOperator } from './operator/queries.js'
import { useAccount, useSignOut } from './session.js'
import { chooseTheme, currentTheme, type Theme, themes } from './theme.js'

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
            <AccountMenu />
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

const item =
  'flex cursor-pointer items-center justify-between gap-6 rounded-lg px-3 py-2 text-sm outline-none data-[highlighted]:bg-sunken'
const themeNames: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

function AccountMenu() {
  const { data: account } = useAccount()
  const signOut = useSignOut()
  const here = useRouterState({ select: (state) => state.location.href })
  const [theme, setTheme] = useState(currentTheme)

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
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label="Account"
        className="grid size-9 place-items-center rounded-full border border-edge bg-surface font-semibold text-sm text-soft hover:border-muted data-[state=open]:border-accent"
      >
        {account.email.charAt(0).toUpperCase()}
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        align="end"
        sideOffset={8}
        className="z-50 min-w-60 animate-rise rounded-xl border border-line bg-raised p-1.5 shadow-float"
      >
        <div className="px-3 pt-2 pb-2.5">
          <p className="text-muted text-xs">Signed in as</p>
          <p className="max-w-64 truncate font-medium text-sm">{account.email}</p>
        </div>
        <DropdownMenu.Item className={item} asChild>
          <Link to="/dashboard/account">Your account</Link>
        </DropdownMenu.Item>
        <DropdownMenu.Item className={item} asChild>
          <Link to="/dashboard/teams">Your teams</Link>
        </DropdownMenu.Item>
        <DropdownMenu.Item className={item} asChild>
          <Link to="/portal">Your services</Link>
        </DropdownMenu.Item>
        <OperatorItem />
        <DropdownMenu.Separator className="mx-1.5 my-1 h-px bg-line" />
        <DropdownMenu.RadioGroup
          value={theme}
          onValueChange={(chosen) => {
            chooseTheme(chosen as Theme)
            setTheme(chosen as Theme)
          }}
        >
          <DropdownMenu.Label className="px-3 pt-1.5 pb-1 text-muted text-xs">Colours</DropdownMenu.Label>
          {themes.map((name) => (
            <DropdownMenu.RadioItem
              key={name}
              value={name}
              className={item}
              onSelect={(event) => event.preventDefault()}
            >
              {themeNames[name]}
              <DropdownMenu.ItemIndicator className="size-1.5 rounded-full bg-accent" />
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
        <DropdownMenu.Separator className="mx-1.5 my-1 h-px bg-line" />
        <DropdownMenu.Item className={item} onSelect={() => signOut.mutate()}>
          Sign out
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  )
}

/** Asked for only when the menu opens: nobody else needs to know. */
function OperatorItem() {
  const { data } = useQuery(isOperator)
  if (!data) return null
  return (
    <DropdownMenu.Item className={item} asChild>
      <Link to="/operator">Operator’s console</Link>
    </DropdownMenu.Item>
  )
}
