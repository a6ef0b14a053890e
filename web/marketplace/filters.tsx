import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Look, type Sort, sorts, type Wanted } from './search.js'

// Links, not buttons: each choice has an address, and works before any script has come.
const choice =
  'flex items-center justify-between gap-3 rounded-lg border px-3 py-1 text-sm whitespace-nowrap transition-colors lg:w-full lg:whitespace-normal'
const off =
  'border-line bg-surface text-soft hover:border-edge hover:text-ink lg:border-transparent lg:bg-transparent lg:hover:bg-sunken'
const on = 'border-accent bg-accent-soft font-medium text-accent'

/** Whether there is anything to narrow the catalog by. */
export const hasFilters = (look: Look) => look.categories.length > 1 || look.hasFree || look.hasInspected

/** Beside the cards where there is room, above them in one line to be pushed along on a phone. */
export function Filters({ look, wanted }: { look: Look; wanted: Wanted }) {
  const { page: _, ...kept } = wanted
  const hasCategories = look.categories.length > 1
  if (!hasFilters(look)) return null
  return (
    <div className="grid min-w-0 content-start gap-3 lg:gap-6">
      {hasCategories && (
        <Group label="Categories">
          <Choice search={{ ...kept, category: undefined }} isOn={!wanted.category} count={look.total}>
            All
          </Choice>
          {look.categories.map(({ name, count }) => (
            <Choice key={name} search={{ ...kept, category: name }} isOn={wanted.category === name} count={count}>
              {name}
            </Choice>
          ))}
        </Group>
      )}
      {(look.hasFree || look.hasInspected) && (
        <Group label="Only">
          {look.hasFree && (
            <Choice search={{ ...kept, free: wanted.free ? undefined : true }} isOn={wanted.free === true}>
              Free to start
            </Choice>
          )}
          {look.hasInspected && (
            <Choice
              search={{ ...kept, inspected: wanted.inspected ? undefined : true }}
              isOn={wanted.inspected === true}
            >
              Inspected
            </Choice>
          )}
        </Group>
      )}
    </div>
  )
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="min-w-0">
      <p className="mb-2 px-3 font-medium text-muted text-xs max-lg:sr-only">{label}</p>
      <ul className="-mx-5 flex gap-2 overflow-x-auto px-5 pb-1 [scrollbar-width:thin] sm:-mx-8 sm:px-8 lg:mx-0 lg:grid lg:gap-0.5 lg:overflow-visible lg:p-0">
        {children}
      </ul>
    </nav>
  )
}

interface ChoiceProps {
  search: Wanted
  isOn: boolean
  count?: number
  children: string
}

function Choice({ search, isOn, count, children }: ChoiceProps) {
  return (
    <li className="shrink-0">
      <Link
        to="/marketplace"
        search={search}
        replace
        resetScroll={false}
        activeOptions={{ exact: true, includeSearch: true }}
        aria-current={isOn ? 'true' : undefined}
        className={`${choice} ${isOn ? on : off}`}
      >
        <span className="lg:[overflow-wrap:anywhere]">{children}</span>
        {count !== undefined && <span className="text-xs tabular-nums">{count}</span>}
      </Link>
    </li>
  )
}

const sortNames: Record<Sort, string> = { name: 'Name', price: 'Price', newest: 'Newest' }

export function SortLinks({ wanted }: { wanted: Wanted }) {
  return (
    <nav aria-label="Order" className="flex items-center gap-1">
      <span className="mr-1 text-muted">By</span>
      {sorts.map((sort) => {
        const isOn = (wanted.sort ?? 'name') === sort
        return (
          <Link
            key={sort}
            to="/marketplace"
            search={{ ...wanted, page: undefined, sort: sort === 'name' ? undefined : sort }}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={isOn ? 'true' : undefined}
            className={`rounded-md px-2 py-0.5 ${isOn ? 'bg-sunken font-medium text-ink' : 'text-muted hover:text-ink'}`}
          >
            {sortNames[sort]}
          </Link>
        )
      })}
    </nav>
  )
}
