import type { AddonService, Plan } from '@mortise/contract/platform-api/catalog'
import { QueryClient, type QueryKey } from '@tanstack/react-query'
import { createMemoryHistory } from '@tanstack/react-router'
import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import { AppRoot } from './app-root.js'
import { drawnLook, onOffer, plans, service } from './marketplace/catalog-queries.js'
import { catalogHead, type Head, HeadTags, serviceHead, unknownHead } from './marketplace/head.js'
import { look, wantedIn } from './marketplace/search.js'
import { makeRouter } from './router.js'

/** What everybody may see of the catalog, as the API says it. */
export interface Catalog {
  services(): Promise<AddonService[]>
  service(name: string): Promise<AddonService | undefined>
  plans(name: string): Promise<Plan[] | undefined>
}

export interface Painted {
  status: 200 | 404
  /** For the head of index.html. */
  head: string
  /** For its #root, and what stands behind it: the data that it was drawn from. */
  body: string
}

/**
 * Draws a page of the marketplace as HTML, from the same components that then take it over in the browser.
 * @param url path and query, such as `/marketplace?q=sql`
 * @param origin where people reach this server, for addresses that are shared
 */
export async function paint(url: string, origin: string, catalog: Catalog): Promise<Painted> {
  const { status, head, known } = await learn(url, catalog)
  const queries = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity, retry: false } } })
  for (const [key, data] of known) queries.setQueryData(key, data)
  const router = makeRouter(createMemoryHistory({ initialEntries: [url] }), {
    // It would write a script into the page, which the page's policy forbids.
    scrollRestoration: false,
    origin,
  })
  await router.load()
  const markup = renderToString(<AppRoot queries={queries} router={router} />)
  return {
    status,
    head: renderToStaticMarkup(<HeadTags head={head} origin={origin} />),
    body: `<div id="root">${markup}</div><script type="application/json" id="drawn-from">${dataText(known)}</script>`,
  }
}

interface Learnt {
  status: 200 | 404
  head: Head
  known: [QueryKey, unknown][]
}

async function learn(url: string, catalog: Catalog): Promise<Learnt> {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const name = /^\/marketplace\/([^/]+)/.exec(pathname)?.[1]
  if (name === undefined) {
    const wanted = wantedIn(Object.fromEntries(searchParams))
    const seen = look(await catalog.services(), wanted)
    return { status: 200, head: catalogHead(wanted.category), known: [[drawnLook(wanted).queryKey, seen]] }
  }
  const slug = decodeURIComponent(name)
  const [found, theirs] = await Promise.all([catalog.service(slug), catalog.plans(slug)])
  if (!found || !theirs) return { status: 404, head: unknownHead(slug), known: [[service(slug).queryKey, null]] }
  const offered = onOffer(theirs)
  return {
    status: 200,
    head: serviceHead(found, offered),
    known: [
      [service(slug).queryKey, found],
      [plans(slug).queryKey, offered],
    ],
  }
}

/** JSON that cannot end the element that it stands in. */
const dataText = (data: unknown) => JSON.stringify(data).replaceAll('<', '\\u003c')
