import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { describe, expect, it } from 'vitest'
import { categoriesOf, search } from './search.js'

const at = '2026-11-23T12:00:00Z'
function service(name: string, human_name: string, rest: Partial<AddonService> = {}): AddonService {
  return {
    cli_plugin_name: null,
    created_at: at,
    human_name,
    id: '00000000-0000-4000-8000-000000000000',
    name,
    state: 'ga',
    supported_generations: [],
    supports_multiple_installations: true,
    supports_sharing: true,
    updated_at: at,
    ...rest,
  }
}
const all = [
  service('redis', 'Redis', { categories: ['Caching', 'Data Stores'] }),
  service('postgres', 'PostgreSQL', { categories: ['Data Stores'], description: 'A database, also used like Redis.' }),
  service('old', 'Old Redis', { state: 'shutdown' }),
]
const names = (found: AddonService[]) => found.map((one) => one.name)

describe('searching the marketplace', () => {
  it('every word must be somewhere, and names come before descriptions', () => {
    expect(names(search(all, { q: 'redis' }))).toEqual(['redis', 'postgres'])
    expect(names(search(all, { q: 'DATA  like' }))).toEqual(['postgres'])
  })

  it('a category narrows, nothing typed shows all by name', () => {
    expect(names(search(all, { category: 'Caching' }))).toEqual(['redis'])
    expect(names(search(all, {}))).toEqual(['postgres', 'redis'])
  })

  it('what is shut down is not offered', () => {
    expect(names(search(all, { q: 'old' }))).toEqual([])
  })

  it('categories are listed once', () => {
    expect(categoriesOf(all)).toEqual(['Caching', 'Data Stores'])
  })
})
