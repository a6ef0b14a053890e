import { isUuid } from '@mortise/contract/identity'
import { type ListAnswer, listPageMax } from '@mortise/contract/partner-api/list'
import { type Answer, BadRequest } from './http.js'
import type { Resource, ResourceStore } from './resource.js'

/**
 * Whether something of it may be there. A tombstone is nothing; neither is what was refused: the platform was told so.
 * What broke half-way counts, since nobody knows how far it came.
 */
const isKept = ({ state, message }: Resource) => state !== 'removed' && !(state === 'failed' && message !== null)

/** Those kept after `after`, by uuid. A store that can page is asked for pages. */
async function keptIn(store: ResourceStore, after: string | null, limit: number): Promise<string[]> {
  const uuids: string[] = []
  for (let from = after; uuids.length < limit; ) {
    const page = store.page ? await store.page(from, limit) : pageOf(await store.list(), from, limit)
    uuids.push(...page.filter(isKept).map(({ uuid }) => uuid))
    if (page.length < limit) break
    from = page.at(-1)?.uuid ?? null
  }
  return uuids.slice(0, limit)
}

function pageOf(all: Resource[], after: string | null, limit: number): Resource[] {
  return all
    .filter(({ uuid }) => after === null || uuid > after)
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
    .slice(0, limit)
}

/** Answers one page of what is kept. The next one begins after its last uuid. @throws BadRequest 400 */
export async function listAnswer(store: ResourceStore, query: URLSearchParams): Promise<Answer> {
  const after = query.get('after')
  if (after !== null && !isUuid(after)) throw new BadRequest(400, '"after" is what a page before called "next".')
  const asked = query.get('limit') ?? String(listPageMax)
  if (!/^\d{1,6}$/.test(asked) || Number(asked) < 1) throw new BadRequest(400, '"limit" is a number from 1.')
  const limit = Math.min(Number(asked), listPageMax)
  const uuids = await keptIn(store, after?.toLowerCase() ?? null, limit)
  const next = uuids.length < limit ? null : (uuids.at(-1) ?? null)
  return { status: 200, body: { resources: uuids.map((uuid) => ({ uuid, id: uuid })), next } satisfies ListAnswer }
}
