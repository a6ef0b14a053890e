import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { InspectedMark } from '../kit/inspection-badge.js'
import { Monogram } from '../kit/mark.js'
import { card, Page } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { lowest, priceLine } from '../price.js'
import { plans, services } from './catalog-queries.js'
import { categoriesOf, search } from './search.js'

export function Catalog() {
  const wanted = useSearch({ from: '/marketplace' })
  const navigate = useNavigate({ from: '/marketplace' })
  const { data, error, refetch } = useQuery(services)
  const set = (change: typeof wanted) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })

  return (
    <Page
      title="Marketplace"
      lead="Databases, caches, mail and more. Pick one, and its config vars are in your app with the next release."
    >
      {error ? (
        <Failed what="The catalog" error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading rows={4} height="h-28" />
      ) : data.length === 0 ? (
        <Empty title="No services yet">
          A provider publishes one by pushing its manifest. It appears here at once.
        </Empty>
      ) : (
        <>
          <Filters all={data} wanted={wanted} onChange={set} />
          <Found found={search(data, wanted)} onClear={() => set({ q: undefined, category: undefined })} />
        </>
      )}
    </Page>
  )
}

interface FiltersProps {
  all: AddonService[]
  wanted: { q?: string; category?: string }
  onChange(change: { q?: string; category?: string }): void
}

function Filters({ all, wanted, onChange }: FiltersProps) {
  const categories = categoriesOf(all)
  const chip = 'rounded-full border px-3.5 py-1 text-sm transition-colors'
  return (
    <search className="mb-8 grid gap-4">
      <div className="relative">
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
          type="search"
          aria-label="Search add-on services"
          placeholder="Search add-on services"
          defaultValue={wanted.q}
          onChange={(event) => onChange({ q: event.target.value || undefined })}
          className="h-12 w-full rounded-xl border border-edge bg-surface pr-4 pl-12 text-base shadow-card placeholder:text-muted hover:border-muted"
        />
      </div>
      {categories.length > 1 && (
        <fieldset className="flex flex-wrap gap-2">
          <legend className="sr-only">Category</legend>
          {[undefined, ...categories].map((category) => (
            <button
              key={category ?? 'all'}
              type="button"
              aria-pressed={wanted.category === category}
              onClick={() => onChange({ category })}
              className={`${chip} ${wanted.category === category ? 'border-accent bg-accent-soft font-medium text-accent' : 'border-line bg-surface text-soft hover:border-edge'}`}
            >
              {category ?? 'All'}
            </button>
          ))}
        </fieldset>
      )}
    </search>
  )
}

// With a thousand services, cards are added as one reads on.
const pageSize = 48

function Found({ found, onClear }: { found: AddonService[]; onClear(): void }) {
  const [shown, setShown] = useState(pageSize)
  return (
    <>
      <p role="status" className="mb-4 text-muted text-sm">
        {found.length === 1 ? '1 service' : `${found.length} services`}
      </p>
      {found.length === 0 ? (
        <Empty title="Nothing matches" action={<Button onClick={onClear}>Show all services</Button>}>
          Try fewer words, or another category.
        </Empty>
      ) : (
        <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          {found.slice(0, shown).map((service) => (
            <Card key={service.id} service={service} />
          ))}
        </ul>
      )}
      {found.length > shown && (
        <div className="mt-8 text-center">
          <Button onClick={() => setShown(shown + pageSize)}>Show more</Button>
        </div>
      )}
    </>
  )
}

function Card({ service }: { service: AddonService }) {
  const [ref, isSeen] = useSeen<HTMLLIElement>()
  // A card asks for its plans only once it is on the screen.
  const { data } = useQuery({ ...plans(service.name), enabled: isSeen })
  const price = data && lowest(data.map((plan) => plan.price))
  return (
    <li ref={ref} className={`group relative flex flex-col gap-4 p-5 transition-colors hover:border-edge ${card}`}>
      <div className="flex items-center gap-3">
        <Monogram name={service.human_name} />
        <div className="min-w-0">
          <h2 className="font-semibold leading-snug">
            <Link
              to="/marketplace/$service"
              params={{ service: service.name }}
              className="after:absolute after:inset-0 after:rounded-card group-hover:text-accent focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-2"
            >
              {service.human_name}
            </Link>
          </h2>
          <p className="truncate text-muted text-sm">{service.name}</p>
        </div>
      </div>
      {service.description && <p className="line-clamp-3 text-soft text-sm">{service.description}</p>}
      <div className="mt-auto flex min-h-6 items-center justify-between gap-3 text-sm">
        <span className="text-muted">{price && fromLine(priceLine(price), data.length)}</span>
        <span className="flex flex-wrap justify-end gap-2">
          <InspectedMark inspection={service.inspection} />
          {service.state !== 'ga' && <Badge tone="warn">{service.state === 'beta' ? 'Beta' : 'Alpha'}</Badge>}
        </span>
      </div>
    </li>
  )
}

const fromLine = (price: string, plans: number) => (plans > 1 ? `From ${price === 'Free' ? 'free' : price}` : price)

/** Whether the element has been on the screen, or nearly. */
function useSeen<E extends Element>() {
  const ref = useRef<E>(null)
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    if (!ref.current || isSeen) return
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      { rootMargin: '200px' },
    )
    watch.observe(ref.current)
    return () => watch.disconnect()
  }, [isSeen])
  return [ref, isSeen] as const
}
