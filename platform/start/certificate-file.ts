import fs from 'node:fs'
import path from 'node:path'
import { type Certificate, isGoodFor, selfSigned } from '@mortise/certificates/certificate'

/** Clients that were told to trust it should not be asked again soon. */
const years = 10

/**
 * The certificate that one-off dynos are attached with: `ca.pem`, which people tell their CLI to trust, and its key
 * beside it. Kept as long as it names all hosts.
 */
export function certificateIn(dir: string, hosts: readonly string[], now: Date): Certificate {
  const files = { certificate: path.join(dir, 'ca.pem'), key: path.join(dir, 'ca.key') }
  const kept = { certificate: textOf(files.certificate), key: textOf(files.key) }
  if (isGoodFor(kept, hosts, now)) return kept
  const from = new Date(now.getTime() - 86_400_000)
  const made = selfSigned(hosts, from, new Date(now.getTime() + years * 365 * 86_400_000))
  write(files.key, made.key, 0o600)
  write(files.certificate, made.certificate, 0o644)
  return made
}

function textOf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

/** Whole or not at all. */
function write(file: string, text: string, mode: number): void {
  const half = `${file}.half`
  fs.rmSync(half, { force: true })
  fs.writeFileSync(half, text, { mode, flag: 'wx' })
  fs.renameSync(half, file)
}
