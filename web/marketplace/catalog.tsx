import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type KeyboardEvent, memo, useDeferredValue, useEffect, useRef, useState } from 'react'
import { Badge } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { InspectedMark } from '../kit/inspection-badge.js'
import { Loaded } from '../kit/loaded.js'
import { Monogram } from '../kit/mark.js'
import { card, Page, rowLink } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { priceLine } from '../price.js'
import { drawnLook, services } from './catalog-queries.js'
import { Filters, hasFilters, SortLinks } from './filters.js'
import { type Look, look, type Wanted } from './search.js'

export function Catalog() {
  const wanted = useSearch({ from: '/marketplace' })
  const { typed, setTyped } = useTyped(wanted.q)
  // The cards follow the keys as fast as they can be drawn; the letters in the field never wait for them.
  const q = useDeferredValue(typed)
  const read = useQuery(services)
  const { data: drawn } = useQuery(drawnLook(wanted))
  const last = useRef<Look>(undefined)
  const seen = read.data ? look(read.data, { ...wanted, q }) : (drawn ?? last.current)
  last.current = seen
  const grid = useRef<HTMLUListElement>(null)

  return (
    <Page
      title="Marketplace"
      lead="Databases, caches, mail and more. Pick one, and its config vars are in your app with the next release."
    >
      <Loaded
        read={{ ...read, data: seen }}
        what="The catalog"
        rows={4}
        height="h-28"
        isEmpty={({ total }) => total === 0}
        empty={
          <Empty title="No services yet" action={<ButtonLink to="/portal">Offer a service</ButtonLink>}>
            A provider publishes one by pushing its manifest. It appears here at once.
          </Empty>
        }
      >
        {(seen) => (
          <>
            <Search wanted={wanted} typed={typed} onType={setTyped} results={() => cardLinks(grid.current)} />
            <div className={`grid gap-6 ${hasFilters(seen) ? 'lg:grid-cols-[11.5rem_minmax(0,1fr)] lg:gap-10' : ''}`}>
              <Filters look={seen} wanted={wanted} />
              <section aria-label="Services" className="min-w-0">
                <div className="mb-4 flex min-h-8 flex-wrap items-center justify-between gap-x-6 gap-y-2 text-sm">
                  <p role="status" className="text-muted">
                    {seen.count === 1 ? '1 service' : `${seen.count} services`}
                  </p>
                  {seen.total > 1 && <SortLinks wanted={wanted} />}
                </div>
                {seen.count === 0 ? (
                  <Empty title="Nothing matches" action={<ButtonLink to="/marketplace">Show all services</ButtonLink>}>
                    Try fewer words, or another category.
                  </Empty>
                ) : (
                  <ul ref={grid} onKeyDown={walk} className="grid gap-4 sm:grid-cols-2">
                    {seen.shown.map((service) => (
                      <Card key={service.id} service={service} />
                    ))}
                  </ul>
                )}
                {seen.count > seen.shown.length && (
                  <div className="mt-8 text-center">
                    <ButtonLink
                      to="/marketplace"
                      search={{ ...wanted, page: (wanted.page ?? 1) + 1 }}
                      replace
                      resetScroll={false}
                    >
                      Show more
                    </ButtonLink>
                  </div>
                )}
              </section>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** How long after the last key the words go into the address. */
const typingPauseMs = 250

/** What stands in the field: at once on the page, and in the address once somebody pauses. */
function useTyped(inAddress: string | undefined) {
  const navigate = useNavigate({ from: '/marketplace' })
  const [typed, setTyped] = useState(inAddress)
  const written = useRef(inAddress)
  // Changed by something else than typing: a link, or the way back.
  if (inAddress !== written.current) {
    written.current = inAddress
    setTyped(inAddress)
  }
  useEffect(() => {
    if (typed === written.current) return
    const timer = setTimeout(() => {
      written.current = typed
      navigate({ search: ({ page: _, ...before }) => ({ ...before, q: typed }), replace: true, resetScroll: false })
    }, typingPauseMs)
    return () => clearTimeout(timer)
  }, [typed, navigate])
  return { typed, setTyped }
}

interface SearchProps {
  wanted: Wanted
  typed: string | undefined
  onType(q: string | undefined): void
  results(): HTMLElement[]
}

/** A form, so that it also works before any script has come, or without one. */
function Search({ wanted, typed, onType, results }: SearchProps) {
  const field = useRef<HTMLInputElement>(null)
  // What somebody typed while the script was on its way.
  useEffect(() => {
    if (field.current?.value) onType(field.current.value)
  }, [onType])
  function press(event: KeyboardEvent) {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
    const [first] = results()
    if (!first) return
    event.preventDefault()
    if (event.key === 'Enter') first.click()
    else first.focus()
  }
  const { q: _, page: __, ...rest } = wanted
  return (
    <search className="mb-8 block">
      <form action="/marketplace" method="get" onSubmit={(event) => event.preventDefault()} className="relative">
        <svg
          viewBox="0 0 20 20"
          aria-hidden="true"
          className="pointer-events-none absolute top-3.5 left-4 size-5 text-muted"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
        >
          <circle cx="9" cy="9" r="5.25" />
          <path d="m13 13 3.5 3.5" strokeLinecap="round" />
        </svg>
        <input
          ref={field}
          type="search"
          name="q"
          autoComplete="off"
          maxLength={100}
          aria-label="Search add-on services"
          aria-describedby="search-keys"
          placeholder="Search add-on services"
          value={typed ?? ''}
          onChange={(event) => onType(event.target.value || undefined)}
          onKeyDown={press}
          className="h-12 w-full rounded-xl border border-edge bg-surface pr-4 pl-12 text-base shadow-card placeholder:text-muted hover:border-muted"
        />
        <span id="search-keys" className="sr-only">
          Arrow down leads to the results, Enter opens the first.
        </span>
        {Object.entries(rest).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={String(value)} />
        ))}
      </form>
    </search>
  )
}

const cardLinks = (grid: Element | null) => [...(grid?.querySelectorAll<HTMLElement>('h2 a') ?? [])]

/** Arrow keys lead from card to card, Home and End to the first and the last; upwards from the first row, to the field. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const links = cardLinks(event.currentTarget)
  const at = links.indexOf(event.target as HTMLElement)
  if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
  const columns = getComputedStyle(event.currentTarget).gridTemplateColumns.split(' ').length
  const steps: Record<string, number> = {
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: links.length - 1,
  }
  const to = steps[event.key]
  if (to === undefined) return
  event.preventDefault()
  if (to < 0) document.querySelector<HTMLElement>('input[name="q"]')?.focus()
  else links[Math.min(to, links.length - 1)]?.focus()
}

/** Drawn anew only when the service is another: at a key press most cards stay what they were. */
const Card = memo(function Card({ service }: { service: AddonService }) {
  const { lowest_price: price, plan_count: plans = 0 } = service
  return (
    <li className={`group relative flex flex-col gap-4 p-5 transition-colors hover:border-edge ${card}`}>
      <div className="flex items-center gap-3">
        <Monogram name={service.human_name} />
        <div className="min-w-0">
          <h2 className="font-semibold leading-snug [overflow-wrap:anywhere]">
            <Link
              to="/marketplace/$service"
              params={{ service: service.name }}
              className={`after:rounded-card ${rowLink}`}
            >
              {service.human_name}
            </Link>
          </h2>
          <p className="truncate text-muted text-sm">{service.name}</p>
        </div>
      </div>
      {service.description && <p className="line-clamp-3 text-soft text-sm">{service.description}</p>}
      <div className="mt-auto flex min-h-6 items-center justify-between gap-3 text-sm">
        <span className="text-soft">{price && fromLine(priceLine(price), plans)}</span>
        <span className="flex flex-wrap justify-end gap-2">
          <InspectedMark inspection={service.inspection} />
          {service.state !== 'ga' && <Badge tone="warn">{service.state === 'beta' ? 'Beta' : 'Alpha'}</Badge>}
        </span>
      </div>
    </li>
  )
})

const fromLine = (price: string, plans: number) => (plans > 1 ? `From ${price === 'Free' ? 'free' : price}` : price)
