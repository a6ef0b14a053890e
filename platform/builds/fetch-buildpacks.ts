import path from 'node:path'
import type { Buildpack } from '@mortise/runtime/build/build'
import type { Downloads } from '../http/outbound.js'
import { derivedId } from '../world/derived-id.js'
import { archiveAddress, isAddress } from './buildpack.js'
import type { OutputWriter } from './output.js'
import { keepStream, SourceTooLarge } from './source.js'

/** Real ones are below 1 MB; some bring a whole toolchain. */
const buildpackBytesMax = 100 * 1024 * 1024
const downloadMsMax = 2 * 60_000

/**
 * Has the archives of other people's buildpacks on the disk. They are fetched anew for each build, since what is at an
 * address changes; that a build of ours waits for somebody's server is what its owner asked for.
 */
export async function fetchBuildpacks(
  deps: { outbound: Downloads; dir: string },
  buildpacks: readonly string[],
  output: OutputWriter,
): Promise<{ buildpacks: Buildpack[] } | { problem: string }> {
  const all: Buildpack[] = []
  for (const buildpack of buildpacks) {
    if (!isAddress(buildpack)) {
      all.push({ name: buildpack })
      continue
    }
    output.write(`-----> Fetching the buildpack ${buildpack}\n`)
    const answer = await deps.outbound.download(archiveAddress(buildpack), downloadMsMax)
    if (answer.got === 'refused') return { problem: `The buildpack could not be fetched: ${answer.reason}.` }
    const file = path.join(deps.dir, 'buildpacks', `${derivedId('buildpack', buildpack)}.tgz`)
    try {
      await keepStream(answer.body, file, buildpackBytesMax)
    } catch (error) {
      if (error instanceof SourceTooLarge) {
        return { problem: `The buildpack ${buildpack} is larger than ${buildpackBytesMax / 1024 / 1024} MB.` }
      }
      // The disk's errors are ours; what else breaks here is the other side's stream.
      if (['ENOSPC', 'EACCES', 'EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      return { problem: 'The buildpack could not be fetched: the connection broke before the end.' }
    }
    all.push({ name: buildpack, file })
  }
  return { buildpacks: all }
}
