import { expect, test } from 'vitest'
import { addressKind } from './addresses.js'

test.each([
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  'fd00:ec2::254',
  'fc00::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '3fff::1',
  '2002:a00:1::',
  '64:ff9b::a00:1',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  '::FFFF:A9FE:A9FE',
  '0:0:0:0:0:ffff:0a00:0001',
  '::ffff:0:10.0.0.1',
  '::10.0.0.1',
  '::a00:1',
  'not an address',
  '',
])('%s is private', (address) => {
  expect(addressKind(address)).toBe('private')
})

test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])('%s is loopback', (address) => {
  expect(addressKind(address)).toBe('loopback')
})

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '193.0.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public',
  (address) => {
    expect(addressKind(address)).toBe('public')
  },
)
