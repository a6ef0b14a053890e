import type { AddonService, Plan } from '@mortise/contract/platform-api/catalog'
import { lowest, priceLine } from '../price.js'

/** What a page says of itself to search engines, to whoever shares its address, and to the window. */
export interface Head {
  title: string
  description: string
  /** The one address under which it should be known. */
  path: string
}

/** Search results show about this much. */
const descriptionCharsMax = 200

export function catalogHead(category: string | undefined): Head {
  const of = category ? `${category}: add-ons` : 'Add-ons'
  return {
    title: category ? `${category} · Marketplace` : 'Marketplace',
    description: `${of} for every app, with plans and prices: pick one, and its config vars are in your app.`,
    path: category ? `/marketplace?category=${encodeURIComponent(category)}` : '/marketplace',
  }
}

export function serviceHead(service: AddonService, plans: readonly Plan[]): Head {
  const price = lowest(plans.map((plan) => plan.price))
  const from = price && (plans.length > 1 ? `From ${priceLine(price)}.` : `${priceLine(price)}.`)
  const words = [service.description ?? `${service.human_name}, an add-on for your apps.`, from]
    .filter(Boolean)
    .join(' ')
  return {
    title: service.human_name,
    description: words.replace(/\s+/g, ' ').slice(0, descriptionCharsMax),
    path: `/marketplace/${encodeURIComponent(service.name)}`,
  }
}

export const unknownHead = (name: string): Head => ({
  title: 'No such service',
  description: `There is no add-on service ${name} here.`,
  path: '/marketplace',
})

/** The same as elements. React escapes what providers wrote. */
export function HeadTags({ head, origin }: { head: Head; origin: string }) {
  const title = `${head.title} · Mortise`
  return (
    <>
      <title>{title}</title>
      <meta name="description" content={head.description} />
      <link rel="canonical" href={origin + head.path} />
      <meta property="og:type" content="website" />
      <meta property="og:site_name" content="Mortise" />
      <meta property="og:title" content={head.title} />
      <meta property="og:description" content={head.description} />
      <meta property="og:url" content={origin + head.path} />
      <meta name="twitter:card" content="summary" />
    </>
  )
}
