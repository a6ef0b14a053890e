import { expect, test } from 'vitest'
import { isOwnMachine } from './own-machine.js'

const tell = (headers: Record<string, string>) => isOwnMachine({ header: (name) => headers[name] })
const host = '127.0.0.1:4567'

test.each<[string, Record<string, string>]>([
  ['kensa, curl', { host }],
  ['by name', { host: 'localhost:4567' }],
  ['in IPv6', { host: '[::1]:4567' }],
  ['a page of a platform that runs here', { host, origin: 'http://localhost:5055', 'sec-fetch-mode': 'navigate' }],
  ['through a development proxy', { host, 'x-forwarded-proto': 'http' }],
])('one machine: %s', (_, headers) => expect(tell(headers)).toBe(true))

test.each<[string, Record<string, string>]>([
  ['the name it is known by', { host: 'fast-db.example.com' }],
  ['no name', {}],
  ['a name that only begins so', { host: 'localhost.example.com' }],
  ['https in front', { host, 'x-forwarded-proto': 'https' }],
  ['https in front, by the standard header', { host, forwarded: 'proto=https' }],
  ['a browser from a platform elsewhere, behind a proxy that hides its name', { host, origin: 'https://example.com' }],
  ['a browser that may not say where from', { host, origin: 'null' }],
  ['a browser that follows a link', { host, 'sec-fetch-mode': 'navigate' }],
  ['a page of another machine in the house', { host, origin: 'http://192.168.0.7:5055' }],
])('not one machine: %s', (_, headers) => expect(tell(headers)).toBe(false))
