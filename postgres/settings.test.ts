import { expect, test } from 'vitest'
import { configuration, hostAuthentication } from './settings.js'

const listening = { port: 5432, socketDir: '/s', tcpHost: null }

test('an extra setting wins over ours, but not over where the server listens', () => {
  const text = configuration({ max_connections: '7', listen_addresses: '*', port: '1' }, listening)
  expect(text.match(/^max_connections = .*$/gm)).toEqual(["max_connections = '7'"])
  expect(text.match(/^listen_addresses = .*$/gm)).toEqual(["listen_addresses = ''"])
  expect(text).toContain("port = '5432'")
})

test('a value can not end its line or its quotes', () => {
  expect(configuration({ application_name: "it's \\ here" }, listening)).toContain(
    "application_name = 'it''s \\\\ here'",
  )
  expect(() => configuration({ application_name: "x'\nfsync = off" }, listening)).toThrow('one line')
  expect(() => configuration({ 'fsync = off\nx': '1' }, listening)).toThrow('not the name')
})

test('the settings that make a commit durable are left as PostgreSQL has them', () => {
  expect(configuration({}, listening)).not.toMatch(/fsync|synchronous_commit|full_page_writes/)
})

test('every way in asks for a password', () => {
  expect(hostAuthentication(null)).toBe('local all all scram-sha-256\n')
  expect(hostAuthentication('127.0.0.1')).toBe('local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n')
})
