import { describe, expect, it } from 'vitest'
import { attachmentName, expectedNames, prefixOf } from './config-names.js'

const postgres = { name: 'mortise-postgresql', config_vars: ['DATABASE_URL'] }
const empty = { attachments: [], hasService: false }

describe('the prefix of a service', () => {
  it('is its id in capitals where its names begin with that', () => {
    expect(prefixOf({ name: 'fast-db', config_vars: ['FAST_DB_URL', 'FAST_DB_USER'] })).toBe('FAST_DB')
  })

  it('else is what its names share, leaving a word for each name', () => {
    expect(prefixOf(postgres)).toBe('DATABASE')
    expect(prefixOf({ name: 'mortise-redis', config_vars: ['REDIS_URL', 'REDIS_TLS_URL'] })).toBe('REDIS')
    expect(prefixOf({ name: 'x', config_vars: ['MY_CACHE_URL', 'MY_CACHE_URL_READ'] })).toBe('MY_CACHE')
  })

  it('is the id when the names share nothing, or there are none', () => {
    expect(prefixOf({ name: 'mailer', config_vars: ['SMTP_HOST', 'API_KEY'] })).toBe('MAILER')
    expect(prefixOf({ name: 'mailer', config_vars: ['TOKEN'] })).toBe('MAILER')
    expect(prefixOf({ name: 'mailer' })).toBe('MAILER')
  })
})

describe('the config vars that will appear', () => {
  it('carry the default attachment name on the first one', () => {
    expect(expectedNames(postgres, '', empty)).toEqual({ attachment: 'DATABASE', names: ['DATABASE_URL'] })
  })

  it('carry the chosen name instead of the prefix', () => {
    expect(expectedNames(postgres, 'primary db', empty)).toEqual({
      attachment: 'PRIMARY_DB',
      names: ['PRIMARY_DB_URL'],
    })
  })

  it('get a colour from the server when the default is taken', () => {
    const second = { attachments: ['DATABASE'], hasService: true }
    expect(expectedNames(postgres, '', second)).toEqual({ attachment: null, names: ['DATABASE_COLOR_URL'] })
  })

  it('keep an unprefixed name the first time only', () => {
    const mailer = { name: 'mailer', config_vars: ['SMTP_HOST', 'API_KEY'] }
    expect(expectedNames(mailer, '', empty).names).toEqual(['SMTP_HOST', 'API_KEY'])
    expect(expectedNames(mailer, 'NEWS', { attachments: ['MAILER'], hasService: true }).names).toEqual([
      'NEWS_SMTP_HOST',
      'NEWS_API_KEY',
    ])
  })
})

it('an attachment name is spelled in capitals and underscores', () => {
  expect(attachmentName(' my-cache 2 ')).toBe('MY_CACHE_2')
})
