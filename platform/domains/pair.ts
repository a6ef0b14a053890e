import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, rootCertificates } from 'node:tls'
import { invalid } from '@mortise/contract/errors'

/** A certificate chain and its key, checked against each other. */
export interface Pair {
  /** PEM, the server's own certificate first. */
  chain: string
  key: string
  /** Whether the chain leads to an authority that clients know. */
  isCaSigned: boolean
}

const certificatesMax = 10
const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** @throws WireError 422 that says which of the two is wrong, and how */
export function readPair(given: { certificate_chain: string; private_key: string }, at: Date): Pair {
  const blocks = given.certificate_chain.match(block) ?? []
  if (blocks.length === 0) {
    throw invalid('"certificate_chain" holds no certificate. Paste it in PEM, from BEGIN CERTIFICATE to its END line.')
  }
  if (blocks.length > certificatesMax) throw invalid(`"certificate_chain" may hold ${certificatesMax} certificates.`)
  const certificates = blocks.map(certificateOf)
  const key = keyOf(given.private_key)
  const own = certificates.find((one) => one.checkPrivateKey(key))
  if (!own)
    throw invalid('The private key does not fit any certificate of the chain. Pass the one that it was made with.')
  if (new Date(own.validTo) <= at) throw invalid(`The certificate ended on ${own.validTo}. Pass one that is valid.`)
  const rest = certificates.filter((one) => one !== own)
  const pair = {
    chain: [own, ...rest].map((one) => one.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    isCaSigned: leadsToAuthority(own, rest),
  }
  try {
    createSecureContext({ cert: pair.chain, key: pair.key })
  } catch (error) {
    // Too short a key, for one: what OpenSSL says about it is a sentence.
    throw invalid(`TLS can't be served with this pair: ${(error as Error).message.slice(0, 200)}.`)
  }
  return pair
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw invalid('A certificate of "certificate_chain" can not be read.')
  }
}

function keyOf(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw invalid('"private_key" is locked with a passphrase. Pass it without one.')
  try {
    return createPrivateKey(pem)
  } catch {
    throw invalid('"private_key" is no private key in PEM.')
  }
}

let authorities: X509Certificate[] | undefined

function leadsToAuthority(own: X509Certificate, rest: readonly X509Certificate[]): boolean {
  authorities ??= rootCertificates.map((pem) => new X509Certificate(pem))
  let last = own
  for (const left = [...rest]; ; ) {
    if (authorities.some((one) => isIssuedBy(last, one))) return true
    const at = left.findIndex((one) => one.ca && isIssuedBy(last, one))
    if (at < 0) return false
    last = left.splice(at, 1)[0] as X509Certificate
  }
}

function isIssuedBy(certificate: X509Certificate, by: X509Certificate): boolean {
  return certificate.checkIssued(by) && certificate.verify(by.publicKey)
}

/** Not by checkIssued: a server's own certificate may not sign others, and so not itself in that sense. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey)
}

/** The DNS names that a certificate is for, as it spells them. */
export function namesIn(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '').split(', ').filter((one) => one.startsWith('DNS:'))
  if (names.length) return names.map((one) => one.slice(4))
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  return common ? [common] : []
}

/** Whether clients take the certificate for this hostname, which may be a wildcard itself. */
export function covers(chain: string, hostname: string): boolean {
  const certificate = new X509Certificate(chain)
  if (hostname.startsWith('*.')) return namesIn(certificate).some((one) => one.toLowerCase() === hostname)
  return certificate.checkHost(hostname) !== undefined
}
