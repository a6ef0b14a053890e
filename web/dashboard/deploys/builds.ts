import type { Build } from '@mortise/contract/platform-api/builds'
import { queryOptions } from '@tanstack/react-query'
import { api, firstPage, routes } from '../../api.js'
import { appKey } from '../resources.js'

export const buildsMax = 50

export const builds = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'builds'],
    queryFn: ({ signal }) =>
      firstPage.call(routes.builds.list, {
        signal,
        params: { app },
        headers: { range: `created_at ..; order=desc, max=${buildsMax}` },
      }),
    meta: { facts: ['build'] },
  })

export const build = (app: string, id: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'builds', id],
    queryFn: ({ signal }) => api.call(routes.builds.info, { signal, params: { app, build: id } }),
    meta: { facts: ['build'] },
  })

/** What was built: the version that whoever sent it gave, else that it was an archive. */
export function sourceOf({ source_blob: { version, version_description: words } }: Pick<Build, 'source_blob'>): string {
  const short = version && /^[0-9a-f]{40}$/.test(version) ? version.slice(0, 8) : version
  if (words) return short ? `${words.split('\n')[0]} (${short})` : (words.split('\n')[0] ?? words)
  return short ?? 'An archive without a version'
}

/** `42 s`, `3 min 5 s`; of what is not over, so far. */
export function tookOf(
  { status, created_at, updated_at }: Pick<Build, 'status' | 'created_at' | 'updated_at'>,
  now: number,
): string {
  const end = status === 'pending' ? now : Date.parse(updated_at)
  const seconds = Math.max(0, Math.round((end - Date.parse(created_at)) / 1000))
  if (seconds < 60) return `${seconds} s`
  const rest = seconds % 60
  return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`
}

/** `1.4 MB`, in thousands as disks are sold. */
export function sizeOf(bytes: number | null | undefined): string | null {
  if (bytes === null || bytes === undefined) return null
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`
}

/** The lines that say why, out of many: from the last one that speaks of an error on, at most so many. */
export function telling(lines: readonly string[], most = 8): string[] {
  return lines.filter((line) => line.trim() !== '').slice(-most)
}

/** What to do about a build that failed, by what it said. */
export function adviceOf(message: string | null | undefined, lines: readonly string[]): string {
  const said = `${message ?? ''}\n${lines.slice(-40).join('\n')}`
  if (/cancel/i.test(message ?? '')) return 'It was stopped before its end. Deploy again when you are ready.'
  if (/no buildpack|not detect|could not be detected/i.test(said))
    return 'Nothing in the source says what it is written in. Put package.json, a Procfile or another file that names it at the top, or set a buildpack.'
  if (/npm (ERR|error)|lockfile|package-lock/i.test(said))
    return 'The dependencies could not be installed. Run the same install on your machine, commit the lockfile, and deploy again.'
  if (/ENOSPC|no space/i.test(said)) return 'The machine has no room left. Tell your operator.'
  if (/timed? ?out|too long/i.test(said)) return 'It took too long. Look at its last lines for what it waits for.'
  return 'Mend what the last lines say, and deploy again. The app goes on with what it had.'
}
