import { describe, expect, it } from 'vitest'
import { attachmentName, expectedNames } from './config-names.js'

const postgres = { name: 'mortise-postgresql', config_vars: ['DATABASE_URL'], config_vars_prefix: 'DATABASE' }
const empty = { attachments: [], hasService: false }

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
