import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { address, bits, integer, octets, oid, seq, set, tagged, text, time } from './der.js'

/** A key and the certificate that says whose it is, both as PEM. */
export interface Certificate {
  key: string
  certificate: string
}

/** Whom others have to trust so that a certificate counts. */
export interface Issuer {
  name: string
  key: KeyObject
}

/**
 * Makes a certificate that signs itself, for servers of these names and addresses and for nothing else: whoever trusts it
 * trusts no other name, as they would with a certificate authority. P-256 and SHA-256.
 * @param hosts DNS names, `*.` in front allowed, and IP addresses; the first is its common name
 */
export function selfSigned(hosts: readonly string[], from: Date, until: Date): Certificate {
  return certify(hosts[0] ?? 'mortise', serverExtensions(hosts), from, until)
}

/** A certificate for servers of these names and addresses, which whoever trusts the issuer trusts. */
export function signedBy(issuer: Issuer, hosts: readonly string[], from: Date, until: Date): Certificate {
  // A common name that could be a DNS name would have to be one that the issuer may vouch for, and an address looks like one.
  return certify('A server on this machine', serverExtensions(hosts), from, until, issuer)
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

/**
 * Makes a key and a certificate for it. Source of the fields: RFC 5280, section 4.1.
 * @param issuer whose key signs it; its own when absent
 */
export function certify(name: string, extensions: Buffer[], from: Date, until: Date, issuer?: Issuer): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const named = (common: string) => seq(set(seq(oid('2.5.4.3'), text(common))))
  // Positive, and not twice the same: a browser that once saw another certificate with it would refuse.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const algorithm = seq(oid('1.2.840.10045.4.3.2'))
  const body = seq(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    named(issuer?.name ?? name),
    seq(time(from), time(until)),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, seq(...extensions)),
  )
  const der = seq(body, algorithm, bits(sign('sha256', body, issuer?.key ?? privateKey)))
  return { key: pemOf(privateKey), certificate: pem('CERTIFICATE', der) }
}

export function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return seq(oid(id), ...(critical ? [Buffer.from([0x01, 0x01, 0xff])] : []), octets(value))
}

function serverExtensions(hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) => (isIP(host) ? tagged(0x87, address(host)) : tagged(0x82, Buffer.from(host))))
  return [
    extension('2.5.29.19', true, seq()), // basic constraints: no authority
    extension('2.5.29.15', true, Buffer.from([0x03, 0x02, 0x07, 0x80])), // key usage: digital signature
    extension('2.5.29.37', false, seq(oid('1.3.6.1.5.5.7.3.1'))), // extended key usage: server
    extension('2.5.29.17', false, seq(...names)), // subject alternative names
  ]
}

const pem = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
