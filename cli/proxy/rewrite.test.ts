import { expect, it } from 'vitest'
import { mayHoldAddresses, withLocalAddresses } from './rewrite.js'

const remote = 'https://mortise.example.com'
const secret = 'abcdefghijklmnopqrstuvwxyz012345'
const rewritten = (json: string) => withLocalAddresses(json, remote, 'localhost:5056')

it('what a client goes on to by itself is turned to the proxy', () => {
  expect(rewritten(`{"logplex_url":"${remote}/logs/x?srv=1"}`)).toBe(
    '{"logplex_url":"http://localhost:5056/logs/x?srv=1"}',
  )
  expect(rewritten('{"put_url":"http://mortise.example.com/s"}')).toBe('{"put_url":"http://localhost:5056/s"}')
  expect(rewritten(`{"output_stream_url": "${remote}/b"}`)).toBe('{"output_stream_url": "http://localhost:5056/b"}')
  expect(rewritten(`{"attach_url":"rendezvous://mortise.example.com:443/${secret}"}`)).toBe(
    `{"attach_url":"rendezvous://localhost:5056/${secret}"}`,
  )
})

it('what people open, what the server is handed back, and what is elsewhere stay as they are', () => {
  for (const json of [
    `{"web_url":"${remote}/sso/1"}`,
    `{"get_url":"${remote}/sources/1"}`,
    '{"logplex_url":"https://logs.example.net/x"}',
    '{"logplex_url":"https://mortise.example.com.evil.net/x"}',
    `{"description":"see ${remote}/logs/x"}`,
    '{"attach_url":null}',
  ])
    expect(rewritten(json)).toBe(json)
})

it('only answers that have such addresses are read, and config vars are never', () => {
  const app = '/apps/guestbook'
  for (const path of [
    '/sources',
    `${app}/sources`,
    `${app}/builds`,
    `${app}/builds/1`,
    `${app}/releases?x=1`,
    `${app}/dynos`,
    `${app}/log-sessions`,
  ])
    expect(mayHoldAddresses(path), path).toBe(true)
  for (const path of ['/apps', app, `${app}/config-vars`, `${app}/releases/v1/config-vars`, `${app}/addons`, '/logs/x'])
    expect(mayHoldAddresses(path), path).toBe(false)
})
