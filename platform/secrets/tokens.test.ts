import { expect, test } from 'vitest'
import { isPassword, newToken, passwordHash, sameSecret, tokenHash } from './tokens.js'

test('tokens have 256 bits, their prefix, and letters that no URL or header changes', () => {
  const tokens = new Set(Array.from({ length: 500 }, () => newToken('HRKU-')))
  expect(tokens.size).toBe(500)
  for (const token of tokens) expect(token).toMatch(/^HRKU-[A-Za-z0-9_-]{43}$/)
})

test('a token is found by its hash, and only by its own', () => {
  const token = newToken()
  expect(tokenHash(token).equals(tokenHash(token))).toBe(true)
  expect(tokenHash(token).equals(tokenHash(`${token} `))).toBe(false)
  expect(tokenHash(token).includes(token)).toBe(false)
})

test('secrets of any length can be compared', () => {
  expect(sameSecret('correct horse', 'correct horse')).toBe(true)
  expect(sameSecret('correct horse', 'correct hors')).toBe(false)
  expect(sameSecret('', 'x')).toBe(false)
  expect(sameSecret('', '')).toBe(true)
})

test('a password is known by its hash, however its letters were typed, and no other is', async () => {
  const stored = await passwordHash('caf\u00e9 au lait')
  expect(stored).toMatch(/^scrypt\$17\$8\$1\$/)
  expect(stored).not.toContain('lait')
  expect(await isPassword('caf\u00e9 au lait', stored)).toBe(true)
  // The same letters, composed by another keyboard.
  expect(await isPassword('cafe\u0301 au lait', stored)).toBe(true)
  expect(await isPassword('cafe au lait', stored)).toBe(false)
}, 60_000)

test('two people with one password have different hashes', async () => {
  expect(await passwordHash('the same')).not.toBe(await passwordHash('the same'))
}, 60_000)

test('where there is no password none is right, after the same work', async () => {
  expect(await isPassword('', null)).toBe(false)
  expect(await isPassword('anything', null)).toBe(false)
}, 60_000)
