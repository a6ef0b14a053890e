import type { Release } from '@mortise/contract/platform-api/releases'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure } from './failure.js'
import { type Waiting, waitUntil } from './wait.js'

/** The newest releases first, at most `max`. */
export async function newestReleases(api: Api, app: string, max: number): Promise<Release[]> {
  return await api.first(routes.releases.list, {
    params: { app },
    headers: { range: `version ..; order=desc,max=${max}` },
  })
}

/** `v12`, said after a change: the server commits the release before it answers the change. */
export async function newestVersion(api: Api, app: string): Promise<string> {
  const [newest] = await newestReleases(api, app, 1)
  return newest ? `v${newest.version}` : 'no release yet'
}

/** `v12` or `12` as the path wants it; a release's uuid passes as it is. */
export function releaseIdentity(given: string): string {
  return given.replace(/^v(?=\d+$)/i, '')
}

/** Waits until the release is out: its dynos serve, or it failed. */
export async function settledRelease(api: Api, app: string, release: string, waiting: Waiting): Promise<Release> {
  return await waitUntil(
    () => api.call(routes.releases.info, { params: { app, release } }),
    (seen) => seen.status !== 'pending',
    waiting,
    (seconds) =>
      new Failure(`The release is still going out after ${seconds} s.`, {
        next: `It goes on by itself. Look with \`mortise releases -a ${app}\`.`,
      }),
  )
}

/** Throws in the server's words when a release did not go out. */
export function assertReleased(release: Release): void {
  if (release.status === 'succeeded') return
  throw new Failure(`v${release.version} is ${release.status}. ${release.message ?? 'What ran before still serves.'}`, {
    next: `Look at \`mortise logs -a ${release.app.name}\`.`,
  })
}
