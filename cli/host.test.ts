import { expect, it } from 'vitest'
import { originOf } from './host.js'

it('a host is an origin, however it was typed', () => {
  expect(originOf('http://localhost:5055/')).toBe('http://localhost:5055')
  expect(originOf('localhost:5055')).toBe('http://localhost:5055')
  expect(originOf('127.0.0.1:9')).toBe('http://127.0.0.1:9')
  expect(originOf('https://mortise.example.com/apps?x=1')).toBe('https://mortise.example.com')
})

it('a name that is not this machine means https, so that no token travels in the clear', () => {
  expect(originOf('mortise.example.com')).toBe('https://mortise.example.com')
  expect(originOf('localhost.example.com')).toBe('https://localhost.example.com')
})

it('what is no http address is wrong usage', () => {
  expect(() => originOf('ftp://example.com')).toThrow(/no http address/)
  expect(() => originOf('http://')).toThrow(/no address/)
})
