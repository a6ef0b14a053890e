import { Value } from '@sinclair/typebox/value'
import { expect, test } from 'vitest'
import { TokenQuestion } from './oauth.js'
import { ProvisionAnswer, ProvisionQuestion } from './provision.js'

const uuid = '01234567-89ab-cdef-0123-456789abcdef'
const v3 = {
  uuid,
  plan: 'mini',
  region: 'amazon-web-services::us-east-1',
  callback_url: `https://example.com/addons/${uuid}`,
  options: { size: '2' },
}

test('the question of either generation has its shape, and unknown fields are accepted', () => {
  expect(Value.Check(ProvisionQuestion, v3)).toBe(true)
  expect(Value.Check(ProvisionQuestion, { ...v3, heroku_id: 'app1@heroku.com', logplex_token: null, new: 1 })).toBe(
    true,
  )
})

test('options are strings, always', () => {
  expect(Value.Check(ProvisionQuestion, { ...v3, options: { size: 2 } })).toBe(false)
  expect(Value.Check(ProvisionQuestion, { ...v3, options: null })).toBe(false)
})

test('an answer needs an id and may leave out or null the rest', () => {
  expect(Value.Check(ProvisionAnswer, { id: 456 })).toBe(true)
  expect(Value.Check(ProvisionAnswer, { id: uuid, config: null, message: null, more: 1 })).toBe(true)
  expect(Value.Check(ProvisionAnswer, { config: {} })).toBe(false)
  expect(Value.Check(ProvisionAnswer, { id: uuid, config: { FAST_DB_URL: 1 } })).toBe(false)
})

test('the token endpoint is asked in two ways and no third', () => {
  expect(Value.Check(TokenQuestion, { grant_type: 'authorization_code', code: 'c', client_secret: 's' })).toBe(true)
  expect(Value.Check(TokenQuestion, { grant_type: 'refresh_token', refresh_token: 'r', client_secret: 's' })).toBe(true)
  expect(Value.Check(TokenQuestion, { grant_type: 'password', client_secret: 's' })).toBe(false)
})
