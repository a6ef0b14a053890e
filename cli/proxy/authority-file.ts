import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { rootCertificates } from 'node:tls'
import { type Authority, authorityOf, isAuthority, makeAuthority } from '@mortise/certificates/authority'

/** Clients that were told to trust it should not be asked again soon. */
const years = 5
/** Heroku's names, which unmodified clients ask for, and this machine. */
export const interceptedDomain = 'heroku.com'
const permitted = [interceptedDomain, 'localhost', '127.0.0.1', '::1']

export interface AuthorityFiles {
  /** The authority alone: for clients that add it to those they trust (NODE_EXTRA_CA_CERTS). */
  certificate: string
  /** With the public ones: for clients that trust this file and nothing else (SSL_CERT_FILE). */
  bundle: string
}

/**
 * The authority of this machine's proxy: made on the spot at first, then kept in a folder of its owner's (`ca.key`, 0600),
 * so that what was told to trust it need not be told again.
 */
export async function authorityIn(dir: string, now: Date): Promise<{ authority: Authority; files: AuthorityFiles }> {
  const files = {
    certificate: path.join(dir, 'ca.pem'),
    key: path.join(dir, 'ca.key'),
    bundle: path.join(dir, 'bundle.pem'),
  }
  let pair = { certificate: await textOf(files.certificate), key: await textOf(files.key) }
  if (!isAuthority(pair, now)) {
    pair = makeAuthority(
      permitted,
      new Date(now.getTime() - 86_400_000),
      new Date(now.getTime() + years * 365 * 86_400_000),
    )
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await write(files.key, pair.key, 0o600)
    await write(files.certificate, pair.certificate, 0o644)
  }
  await write(files.bundle, [pair.certificate, ...rootCertificates].join('\n'), 0o644)
  return { authority: authorityOf(pair), files }
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}

/** Whole or not at all. */
async function write(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.${process.pid}`
  await rm(beside, { force: true })
  await writeFile(beside, text, { mode, flag: 'wx' })
  await rename(beside, file)
}
