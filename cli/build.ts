import type { Build } from '@mortise/contract/platform-api/builds'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure } from './failure.js'
import { outputLines } from './output-stream.js'
import type { SourceArchive } from './source-archive.js'
import { upload } from './upload.js'
import { waitUntil } from './wait.js'

/** A build is bounded by the server; this only ends the looking. */
const buildSecondsMax = 60 * 60

/** Sends the source and starts a build from it. */
export async function startBuild(api: Api, app: string, archive: SourceArchive, version?: string): Promise<Build> {
  const { source_blob: blob } = await api.call(routes.sources.create)
  await upload(archive.file, archive.sizeBytes, blob.put_url)
  return await api.call(routes.builds.create, {
    params: { app },
    body: {
      source_blob: { url: blob.get_url, checksum: archive.checksum, version: version ?? archive.commit ?? null },
    },
  })
}

/**
 * Shows a build's output until it ends, then what came of it.
 * @throws Failure in the server's words when the build failed
 */
export async function followBuild(api: Api, app: string, build: Build, show: (line: string) => void): Promise<Build> {
  try {
    for await (const line of outputLines(build.output_stream_url)) show(line)
  } catch (error) {
    // The output is for watching; whether the build succeeded is asked below in any case.
    show(` !     ${(error as Error).message} The build goes on.`)
  }
  const done = await waitUntil(
    () => api.call(routes.builds.info, { params: { app, build: build.id } }),
    // A succeeded build has its release a moment later.
    (seen) => seen.status === 'failed' || (seen.status === 'succeeded' && seen.release !== null),
    { intervalSeconds: 1, timeoutSeconds: buildSecondsMax },
    () => new Failure('The build is still running.', { next: `Look with \`mortise releases -a ${app}\`.` }),
  )
  if (done.status === 'failed') {
    throw new Failure(done.message ? `The build failed: ${done.message}` : 'The build failed.', {
      next: 'Nothing was released; what ran before still runs.',
    })
  }
  return done
}
