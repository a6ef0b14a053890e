import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkForPush, readManifest } from '@mortise/contract/manifest/read'
import { expect, it } from 'vitest'
import { newManifest, parseManifest } from './new-manifest.js'

const root = path.join(fileURLToPath(new URL('.', import.meta.url)), 'dist')
const made = (name = 'Swift Cache', production?: string) => newManifest(root, { slug: 'swift-cache', name, production })

it('a new manifest is the annotated example, can be published as it is, and draws no warning', () => {
  const read = readManifest(parseManifest(made()))
  if ('problems' in read) throw new Error(read.problems.join(' '))
  expect(read.warnings).toEqual([])
  expect(checkForPush(read.manifest)).toEqual([])
  expect(made()).toContain('// Secrets that only you and the platform know.')
  expect(made()).not.toMatch(/fast.?db/i)
  expect(JSON.stringify(parseManifest(made()))).not.toContain('//  ')
})

it('each one has secrets of its own', () => {
  const secrets = [1, 2].flatMap(() => {
    const { api } = parseManifest(made()) as { api: { password: string; sso_salt: string } }
    return [api.password, api.sso_salt]
  })
  expect(new Set(secrets).size).toBe(4)
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{32}$/)
})

it('where the service answers, and any name, are taken as they are', () => {
  const manifest = parseManifest(made('The "best" $& DB', 'http://localhost:4567/')) as never as {
    name: string
    api: { production: { base_url: string } }
  }
  expect(manifest.name).toBe('The "best" $& DB')
  expect(manifest.api.production.base_url).toBe('http://localhost:4567/heroku/resources')
})

it('what is no JSON object is told as such, with its line', () => {
  expect(() => parseManifest('[]', 'x.json')).toThrow('x.json is no manifest')
  expect(() => parseManifest('// words\n{', 'x.json')).toThrow('x.json is not JSON')
})
