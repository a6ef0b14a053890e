import type { Account } from '@mortise/contract/platform-api/accounts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { isOperator } from './operator/queries.js'
import { useSignOut } from './session.js'
import { chooseTheme, currentTheme, type Theme, themes } from './theme.js'

const item =
  'flex cursor-pointer items-center justify-between gap-6 rounded-lg px-3 py-2 text-sm outline-none data-[highlighted]:bg-sunken'
const themeNames: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

/** Takes the place of the button that it was asked for with, and is open from the start. */
export function AccountMenu({ account, className }: { account: Account; className: string }) {
  const signOut = useSignOut()
  const [theme, setTheme] = useState(currentTheme)
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger aria-label="Account" className={className}>
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
