import { readFile } from 'node:fs/promises'
import type { SniEndpoint } from '@mortise/contract/platform-api/domains'
import { Args } from './command.js'
import { wrongUsage } from './failure.js'

/** What `certs:add` and `certs:update` are given. */
export const pairArgs = {
  certificate: Args.string({ required: true, description: 'file with the certificate and its chain, PEM' }),
  key: Args.string({ required: true, description: 'file with its private key, PEM' }),
}

/** @throws Failure for a file that can't be read */
export async function readPair(files: { certificate: string; key: string }) {
  const [certificate_chain, private_key] = await Promise.all([read(files.certificate), read(files.key)])
  return { certificate_chain, private_key }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw wrongUsage(`Could not read ${file}: ${(error as Error).message}`)
  }
}

export const certificatePairs = ({ ssl_cert: cert, ...one }: SniEndpoint) => ({
  For: cert.cert_domains.join(', '),
  Issuer: cert.issuer,
  Subject: cert.subject,
  Starts: cert.starts_at,
  Ends: cert.expires_at,
  Trusted: cert['self_signed?'] ? 'no: self-signed' : cert['ca_signed?'] ? 'yes' : 'no',
  Domains: String(one.domains.length),
})
