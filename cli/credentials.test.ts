import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { credentialsFile, readCredential, writeCredential } from './credentials.js'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-credentials-'))
  file = credentialsFile({ XDG_CONFIG_HOME: path.join(dir, 'config') })
})
afterEach(() => rmSync(dir, { recursive: true }))

it('credentials are kept apart by host and readable by their owner only', async () => {
  await writeCredential(file, 'http://a', { email: 'a@example.com', token: 'one' })
  await writeCredential(file, 'http://b', { email: 'b@example.com', token: 'two' })
  expect((await readCredential(file, 'http://a'))?.token).toBe('one')
  expect((await readCredential(file, 'http://b'))?.token).toBe('two')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
})

it('forgetting one host keeps the others and leaves no other file behind', async () => {
  await writeCredential(file, 'http://a', { email: 'a@example.com', token: 'one' })
  await writeCredential(file, 'http://b', { email: 'b@example.com', token: 'two' })
  await writeCredential(file, 'http://a', undefined)
  expect(await readCredential(file, 'http://a')).toBeUndefined()
  expect(await readCredential(file, 'http://b')).toBeDefined()
  expect(readdirSync(path.dirname(file))).toEqual(['credentials.json'])
})

it('no file is no sign-in; a damaged one says what to do', async () => {
  expect(await readCredential(file, 'http://a')).toBeUndefined()
  await writeCredential(file, 'http://a', { email: 'a@example.com', token: 'one' })
  writeFileSync(file, '{"hosts":')
  await expect(readCredential(file, 'http://a')).rejects.toThrow(/is damaged/)
})

it('a relative XDG_CONFIG_HOME is ignored, as its specification says', () => {
  expect(credentialsFile({ XDG_CONFIG_HOME: 'here', HOME: '/home/ada' })).toBe(
    '/home/ada/.config/mortise/credentials.json',
  )
})
