import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type Certificate, certify, extension, type Issuer, isGoodFor, signedBy } from './certificate.js'
import { address, seq, tagged } from './der.js'

/** A certificate authority that can vouch for a few names only, and no other authority. */
export interface Authority {
  /** What clients are told to trust, PEM. */
  certificate: string
  /** A certificate for these names; worth nothing for names that the authority may not vouch for. */
  issue(hosts: readonly string[], from: Date, until: Date): Certificate
}

const name = 'Mortise proxy on this machine'

/**
 * Makes an authority. Whoever trusts it, and loses its key, is not open to the whole web: clients refuse what it signs
 * for any other name. Source: RFC 5280, section 4.2.1.10.
 * @param permitted DNS names, each with all names below it, and IP addresses, each alone
 */
export function makeAuthority(permitted: readonly string[], from: Date, until: Date): Certificate {
  const subtrees = permitted.map((host) =>
    seq(isIP(host) ? tagged(0x87, alone(host)) : tagged(0x82, Buffer.from(host))),
  )
  const extensions = [
    // Basic constraints: an authority (cA true), with none below it (path length 0).
    extension('2.5.29.19', true, seq(Buffer.from([0x01, 0x01, 0xff]), Buffer.from([0x02, 0x01, 0x00]))),
    extension('2.5.29.15', true, Buffer.from([0x03, 0x02, 0x02, 0x04])), // key usage: signs certificates
    extension('2.5.29.30', true, seq(tagged(0xa0, ...subtrees))), // name constraints: permitted subtrees
  ]
  return certify(name, extensions, from, until)
}

/** The authority that a kept pair is. */
export function authorityOf(pair: Certificate): Authority {
  const issuer: Issuer = { name, key: createPrivateKey(pair.key) }
  return {
    certificate: pair.certificate,
    issue: (hosts, from, until) => signedBy(issuer, hosts, from, until),
  }
}

/** Whether a kept pair can go on vouching for a month at least. */
export function isAuthority(pair: Certificate, at: Date): boolean {
  return isGoodFor(pair, [], at) && new X509Certificate(pair.certificate).ca
}

/** An address and a mask that leaves nothing open. */
function alone(host: string): Buffer {
  const bytes = address(host)
  return Buffer.concat([bytes, Buffer.alloc(bytes.length, 0xff)])
}
