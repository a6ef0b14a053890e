import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'
import { BuildFailed, type StepSurroundings, startStep } from './steps.js'

/** Source: Dev Center, "Slug Compiler" (500 MB). */
export const slugBytesMax = 500 * 1024 * 1024

/**
 * Packs the built folder. The build account reads it, not we: a link in there reaches no further than the build could.
 * The same files give the same bytes, hence the same checksum: names in order, no owners, no times.
 */
export async function packSlug(
  around: StepSurroundings,
  file: string,
): Promise<{ sizeBytes: number; checksum: string }> {
  const tar = await startStep(around, ['tar', '-cf', '-', '--exclude=./.git', ...(await steadyFlags()), '.'])
  let complaint = ''
  tar.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(0, 500)
  })
  const hash = createHash('sha256')
  let sizeBytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      sizeBytes += chunk.length
      done(
        sizeBytes > slugBytesMax ? new BuildFailed(`The slug is larger than ${slugBytesMax / 1024 / 1024} MB.`) : null,
        chunk,
      )
    },
  })
  const part = `${file}.part`
  try {
    // Level 4: half the time of the usual 6 for a few per cent more bytes, and every roll waits for this.
    await pipeline(tar.stdout, createGzip({ level: 4 }), measure, fs.createWriteStream(part, { mode: 0o600 }))
    const { code } = await tar.exited
    around.signal.throwIfAborted()
    if (code !== 0)
      throw new BuildFailed(`The slug could not be packed: ${complaint.trim() || `tar ended with ${code}`}`)
    await fs.promises.rename(part, file)
  } catch (error) {
    around.signal.throwIfAborted()
    throw error
  } finally {
    await tar.end(0)
    await fs.promises.rm(part, { force: true })
  }
  return { sizeBytes, checksum: `SHA256:${hash.digest('hex')}` }
}

/** GNU tar can leave out order, times and owners; another one (macOS) packs as it will and its checksums differ. */
async function steadyFlags(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('tar', ['--version'])
  return stdout.includes('GNU')
    ? ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu']
    : []
}
