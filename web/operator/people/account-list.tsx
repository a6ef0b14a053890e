import type { InstallationAccount } from '@mortise/contract/platform-api/installation-accounts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { usePause } from '../../dashboard/use-pause.js'
import { Badge } from '../../kit/badge.js'
import { Button, ButtonLink } from '../../kit/button.js'
import { Choice, Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rowLink, rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { money } from '../../price.js'
import { accounts, type Searched } from './queries.js'

const typingMs = 250

/** Everybody of one kind, searched as one types, page by page. */
export function AccountList({ kind, title, action }: { kind: Searched['kind']; title: string; action?: ReactNode }) {
  const [typed, setTyped] = useState('')
  const [state, setState] = useState<Searched['state']>('')
  const text = usePause(typed.trim(), typingMs)
  const list = useInfiniteQuery(accounts({ kind, state, text }))
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = list
  const read = { ...list, data: list.data?.pages.flat() }
  const isPerson = kind === 'person'
  return (
    <Section title={title} action={action}>
      <div className={`mb-5 grid gap-4 ${isPerson ? 'sm:max-w-xl sm:grid-cols-[1fr_12rem]' : 'sm:max-w-sm'}`}>
        <Field
          label="Search"
          type="search"
          isName
          placeholder={isPerson ? 'E-mail or name' : 'Name'}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {isPerson && (
          <Choice label="Show" value={state} onChange={(event) => setState(event.target.value as Searched['state'])}>
            <option value="">Everybody</option>
            <option value="operator">Operators</option>
            <option value="suspended">Suspended</option>
            <option value="active">Not suspended</option>
          </Choice>
        )}
      </div>
      <Loaded
        read={read}
        what="The list"
        rows={5}
        empty={
          text || state ? (
            <Empty title="Nobody is like that">
              Ask for less: a part of the {isPerson ? 'address' : 'name'} will do.
            </Empty>
          ) : (
            <Empty
              title="There is no team yet"
              action={<ButtonLink to="/dashboard/teams">Go to your teams</ButtonLink>}
            >
              Whoever has an account can make one there.
            </Empty>
          )
        }
      >
        {(found) => (
          <>
            <Head isPerson={isPerson} />
            <ul className={rows} aria-label={title}>
              {found.map((one) => (
                <Row key={one.id} account={one} />
              ))}
            </ul>
            {hasNextPage && (
              <div className="mt-6 text-center">
                <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
                  Show more
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Section>
  )
}

const columns = 'sm:grid-cols-[minmax(0,1fr)_7rem_4rem_4.5rem_5.5rem_6.5rem]'

/** What the numbers are, where they stand in columns; each row says it again to those who can't see that. */
function Head({ isPerson }: { isPerson: boolean }) {
  return (
    <div aria-hidden="true" className={`hidden gap-x-4 px-5 pb-2 font-medium text-muted text-sm sm:grid ${columns}`}>
      <span>{isPerson ? 'E-mail' : 'Team'}</span>
      <span>{isPerson ? 'Last sign-in' : ''}</span>
      <span className="text-right">Apps</span>
      <span className="text-right">Add-ons</span>
      <span className="text-right">A month</span>
      <span />
    </div>
  )
}

function Row({ account: one }: { account: InstallationAccount }) {
  const isPerson = one.kind === 'person'
  return (
    <li className={`group relative grid items-center gap-x-4 gap-y-1.5 px-5 py-3.5 hover:bg-sunken ${columns}`}>
      <div className="min-w-0">
        <Link
          to={isPerson ? '/operator/users/$account' : '/operator/teams/$account'}
          params={{ account: isPerson ? one.email : (one.name ?? one.id) }}
          className={`font-medium [overflow-wrap:anywhere] ${rowLink}`}
        >
          {isPerson ? one.email : one.name}
        </Link>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {isPerson && one.name ? `${one.name} · ` : ''}Since {new Date(one.created_at).toLocaleDateString()}
        </p>
      </div>
      <span className="text-muted text-sm">
        {isPerson &&
          (one.last_login ? (
            <>
              <span className="sm:sr-only">Signed in </span>
              <TimeAgo at={one.last_login} />
            </>
          ) : (
            'Never signed in'
          ))}
      </span>
      <p className="text-sm sm:contents">
        <span className="sm:text-right">
          {one.apps}
          <span className="sm:sr-only">{one.apps === 1 ? ' app' : ' apps'} · </span>
        </span>
        <span className="sm:text-right">
          {one.add_ons}
          <span className="sm:sr-only">{one.add_ons === 1 ? ' add-on' : ' add-ons'} · </span>
        </span>
        <span className="sm:text-right">
          {money(one.price.cents)}
          <span className="sm:sr-only"> a month</span>
        </span>
      </p>
      <div className="flex flex-wrap gap-1.5 sm:justify-end">
        {one.suspended_at && <Badge tone="bad">Suspended</Badge>}
        {one.is_operator && <Badge tone="busy">Operator</Badge>}
      </div>
    </li>
  )
}
