import { expect, test } from 'vitest'
import { isAtHome, readOptions, type ServerOptions } from './options.js'

const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env) as ServerOptions

test('flags win over the environment, which wins over what is usual', () => {
  expect(read([]).port).toBe(5055)
  expect(read([], { MORTISE_PORT: '6000' }).port).toBe(6000)
  expect(read(['server', '--port', '7000'], { MORTISE_PORT: '6000' }).port).toBe(7000)
  expect(read(['--data-dir', '/a/b'], { MORTISE_DATA_DIR: '/c' }).dataDir).toBe('/a/b')
  expect(read([], { MORTISE_EMAIL: '', MORTISE_PORT: '' })).toMatchObject({
    port: 5055,
    operator: { email: undefined },
  })
})

test('single waits for providers can be set, and a slip is named', () => {
  expect(read([]).waits).toEqual({ patience: {}, gate: {} })
  expect(read([], { MORTISE_WAITS: 'answerMs=15000 failuresMax=3' }).waits).toEqual({
    patience: { answerMs: 15_000 },
    gate: { failuresMax: 3 },
  })
  expect(() => readOptions([], { MORTISE_WAITS: 'soon=1' })).toThrow('MORTISE_WAITS knows answerMs')
})

test('patience with providers is as promised, unless a trial wants it shorter', () => {
  expect(read([]).patience).toBe(1)
  expect(read([], { MORTISE_PATIENCE: '0.1' }).patience).toBe(0.1)
  for (const wrong of ['quick', '0', '-1', '11']) {
    expect(() => readOptions([], { MORTISE_PATIENCE: wrong })).toThrow('MORTISE_PATIENCE is a factor from 0.01 to 10')
  }
})

test.each([
  [['--port', '70000'], '"70000" is not a port'],
  [['--port', 'abc'], '"abc" is not a port'],
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['extra'], "Unexpected argument 'extra'"],
  [['--host', 'example.com'], '--host takes an IP address'],
  [['--url', 'ftp://x'], '--url takes an address'],
  [['--url', 'https://x.example/path'], '--url takes an address'],
  [['--database-url', 'mysql://user:secret@x'], 'begins with postgres://'],
  [['--apps-domain', 'a b'], 'is not a domain'],
])('%j is one clear sentence', (args, sentence) => {
  const refused = () => readOptions(args, {})
  expect(refused).toThrow(sentence)
  expect(refused).toThrow(/^[^\n]*See: mortise server --help$/)
  expect(refused).not.toThrow('secret')
})

test('home is where only this machine gets in', () => {
  const home = (args: string[]) => isAtHome(read(args))
  expect(home([])).toBe(true)
  expect(home(['--host', 'localhost'])).toBe(true)
  expect(home(['--host', '127.0.0.1'])).toBe(true)
  expect(home(['--host', '0.0.0.0'])).toBe(false)
  expect(home(['--url', 'https://mortise.example.com'])).toBe(false)
  expect(home(['--url', 'http://localhost:8080'])).toBe(true)
})

test('what a process is for, and where the others reach it', () => {
  expect(read([]).role).toBe('all')
  expect(read(['--role', 'api']).port).toBe(5055)
  // A worker only tells how it is: no port is fought for.
  expect(read([], { MORTISE_ROLE: 'worker' })).toMatchObject({ role: 'worker', port: 0 })
  expect(read(['--peer-address', '[fd00::1]:5055']).peerAddress).toBe('[fd00::1]:5055')
  expect(() => readOptions(['--role', 'boss'], {})).toThrow('--role is one of all, api, worker, not "boss"')
  expect(() => readOptions(['--peer-address', 'http://a:1'], {})).toThrow('--peer-address takes HOST:PORT')
})
