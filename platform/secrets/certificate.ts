import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** A server's key and the certificate that names it, both as PEM. */
export interface Certificate {
  key: string
  certificate: string
}

/**
 * Makes a certificate that signs itself, for servers of these names and addresses and for nothing else: whoever trusts it
 * trusts no other name, as they would with a certificate authority. P-256 and SHA-256.
 * @param hosts DNS names, `*.` in front allowed, and IP addresses; the first is its common name
 */
export function selfSigned(hosts: readonly string[], from: Date, until: Date): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = seq(set(seq(oid('2.5.4.3'), text(hosts[0] ?? 'mortise'))))
  // Positive, and not twice the same: a browser that once saw another certificate with it would refuse.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const algorithm = seq(oid('1.2.840.10045.4.3.2'))
  const body = seq(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    seq(time(from), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, seq(...extensions(hosts))),
  )
  const der = seq(body, algorithm, bits(sign('sha256', body, privateKey)))
  return { key: pemOf(privateKey), certificate: pem('CERTIFICATE', der) }
}

/** Whether the pair is usable for all of the hosts at this time: the key fits, and a month is left. */
export function isGoodFor(pair: Certificate, hosts: readonly string[], at: Date): boolean {
  try {
    const certificate = new X509Certificate(pair.certificate)
    const monthLater = new Date(at.getTime() + 30 * 86_400_000)
    return (
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      new Date(certificate.validFrom) <= at &&
      new Date(certificate.validTo) >= monthLater &&
      hosts.every((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined)
    )
  } catch {
    return false
  }
}

function extensions(hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) => (isIP(host) ? tagged(0x87, address(host)) : tagged(0x82, Buffer.from(host))))
  const extension = (id: string, critical: boolean, value: Buffer) =>
    seq(oid(id), ...(critical ? [Buffer.from([0x01, 0x01, 0xff])] : []), octets(value))
  return [
    extension('2.5.29.19', true, seq()), // basic constraints: no authority
    extension('2.5.29.15', true, Buffer.from([0x03, 0x02, 0x07, 0x80])), // key usage: digital signature
    extension('2.5.29.37', false, seq(oid('1.3.6.1.5.5.7.3.1'))), // extended key usage: server
    extension('2.5.29.17', false, seq(...names)), // subject alternative names
  ]
}

// What follows writes DER. Source: ITU-T X.690, section 8; the fields are those of RFC 5280, section 4.1.

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content])
}

const seq = (...contents: Buffer[]) => tagged(0x30, ...contents)
const set = (...contents: Buffer[]) => tagged(0x31, ...contents)
const octets = (content: Buffer) => tagged(0x04, content)
const bits = (content: Buffer) => tagged(0x03, Buffer.from([0]), content)
const text = (content: string) => tagged(0x0c, Buffer.from(content))
const integer = (content: Buffer) => tagged(0x02, content)

/** Years from 2050 on have four digits. Source: RFC 5280, section 4.1.2.5. */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return tagged(0x06, Buffer.from(bytes))
}

function address(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from(host.split('.').map(Number))
  const [head = '', tail] = host.split('::')
  const groups = (part: string | undefined) => (part ? part.split(':') : [])
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const pem = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
