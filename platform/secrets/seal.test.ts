import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { masterKeysIn, parseMasterKeys } from './keys.js'
import { createSecrets } from './seal.js'

const dir = mkdtempSync(join(tmpdir(), 'mortise-keys-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const spelled = (version: number, key = randomBytes(32)) => `${version}:${key.toString('base64')}`
const old = spelled(1)
const secrets = createSecrets(parseMasterKeys(old))
const context = 'credentials:11111111-1111-4111-8111-111111111111:1'

test.each(['', 'postgres://u:p@h/db', 'ünïcödé \u{1f511}', 'x'.repeat(64 * 1024)])(
  'what is sealed opens as it was',
  (text) => {
    expect(secrets.open(secrets.seal(text, context), context)).toBe(text)
  },
)

test('a sealed value shows nothing of its text and is never the same twice', () => {
  const [one, two] = [secrets.seal('a-very-secret-word', context), secrets.seal('a-very-secret-word', context)]
  expect(one.includes('secret')).toBe(false)
  expect(one.equals(two)).toBe(false)
})

test('a value that was moved to another row or version does not open', () => {
  const sealed = secrets.seal('mine', context)
  expect(() => secrets.open(sealed, context.replace(/1$/, '2'))).toThrow()
  expect(() => secrets.open(sealed, 'config_snapshots:11111111-1111-4111-8111-111111111111:1')).toThrow()
  expect(secrets.open(sealed, context)).toBe('mine')
})

test('one bit changed anywhere, a cut or a longer value does not open', () => {
  const sealed = secrets.seal('mine', context)
  for (let byte = 0; byte < sealed.length; byte++) {
    const changed = Buffer.from(sealed)
    changed[byte] = (changed[byte] ?? 0) ^ 1
    expect(() => secrets.open(changed, context), `byte ${byte}`).toThrow()
  }
  for (const length of [0, 1, 2, 61, 89, sealed.length - 1]) {
    expect(() => secrets.open(sealed.subarray(0, length), context), `${length} bytes`).toThrow()
  }
  expect(() => secrets.open(Buffer.concat([sealed, Buffer.from([0])]), context)).toThrow()
})

test('halves of two sealed values do not make a third', () => {
  const [one, two] = [secrets.seal('one', context), secrets.seal('two', context)]
  const head = 62
  expect(() => secrets.open(Buffer.concat([one.subarray(0, head), two.subarray(head)]), context)).toThrow()
})

test('after a new master key, old values open and new ones are sealed with the new', () => {
  const before = secrets.seal('from before', context)
  const both = createSecrets(parseMasterKeys(`${spelled(2)},${old}`))
  expect(both.open(before, context)).toBe('from before')
  const after = both.seal('from now', context)
  expect([before[1], after[1]]).toEqual([1, 2])
  expect(both.open(after, context)).toBe('from now')
  // The old key alone can't read what the new one sealed, and says which key is missing.
  expect(() => secrets.open(after, context)).toThrow('master key version 2')
})

test('another key of the same version opens nothing', () => {
  const stranger = createSecrets(parseMasterKeys(spelled(1)))
  expect(() => stranger.open(secrets.seal('mine', context), context)).toThrow()
})

test('a derived secret is the same again, and another for another context or key', () => {
  expect(secrets.derive('grant:1')).toBe(secrets.derive('grant:1'))
  expect(secrets.derive('grant:1')).not.toBe(secrets.derive('grant:2'))
  expect(secrets.derive('grant:1')).not.toBe(createSecrets(parseMasterKeys(spelled(1))).derive('grant:1'))
})

test.each([
  '',
  '1',
  '1:short',
  `0:${randomBytes(32).toString('base64')}`,
  `256:${randomBytes(32).toString('base64')}`,
  'x:y',
])('a malformed list of master keys is refused without being repeated', (text) => {
  let said = ''
  try {
    parseMasterKeys(text)
  } catch (error) {
    said = (error as Error).message
  }
  expect(said).toMatch(/master key/)
  if (text.length > 3) expect(said).not.toContain(text)
})

test('two different keys under one version are refused: one of them would be lost', () => {
  expect(() => parseMasterKeys(`${spelled(1)},${spelled(1)}`)).toThrow(/twice/)
  expect(parseMasterKeys(`${old},${old}`).current.version).toBe(1)
})

test('the key file is made once, for its owner only, and read again', () => {
  const file = join(dir, 'master.key')
  const made = masterKeysIn(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(masterKeysIn(file).current.key.equals(made.current.key)).toBe(true)
})

test('a damaged key file is refused, and never written over', () => {
  const file = join(dir, 'damaged.key')
  writeFileSync(file, 'not a key\n')
  chmodSync(file, 0o600)
  expect(() => masterKeysIn(file)).toThrow(/master key/)
  expect(readFileSync(file, 'utf8')).toBe('not a key\n')
})
