import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivately } from './settings.js'

/**
 * Pushes DIR/addon-manifest.json with the call of `addons:admin:manifest:push`, and keeps the OAuth secret that the
 * first push's answer shows once. May be repeated.
 * @returns one sentence for people
 * @throws Error with one
 */
export async function pushManifest({
  dir,
  platform,
  apiKey,
}: {
  dir: string
  platform: string
  apiKey: string
}): Promise<string> {
  const contents = readManifest(dir)
  const slug = contents.id
  const at = `${platform.replace(/\/+$/, '')}/api/v3/addons/${encodeURIComponent(slug)}/manifests`
  const response = await fetch(at, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(30_000),
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ contents }),
  }).catch((cause: Error) => {
    throw new Error(`The platform at ${platform} was not reached: ${(cause.cause as Error)?.message ?? cause.message}.`)
  })
  const answer = (await response.json().catch(() => ({}))) as PushAnswer
  if (!response.ok) throw new Error(`The platform refused the manifest (${response.status}): ${wordsOf(answer)}`)
  if (typeof answer.client_secret === 'string') {
    writePrivately(clientSecretFile(dir), `${answer.client_secret}\n`)
    return `Pushed ${slug}. Its OAuth secret is in ${clientSecretFile(dir)}.`
  }
  return `Pushed ${slug}.`
}

/** Where a push leaves the OAuth secret. */
export const clientSecretFile = (dir: string) => join(dir, 'client-secret')

/** Reads the OAuth secret that a push left, each time: the first push comes when the provider runs already. Null: not there yet. */
export function clientSecretFrom(file: string): () => Promise<string | null> {
  return async () => {
    try {
      return readFileSync(file, 'utf8').trim() || null
    } catch {
      return null
    }
  }
}

interface PushAnswer {
  client_secret?: string
  error?: { base?: unknown } | string
  message?: string
}

function readManifest(dir: string): { id: string } {
  try {
    return JSON.parse(readFileSync(join(dir, 'addon-manifest.json'), 'utf8')) as { id: string }
  } catch (cause) {
    throw new Error(`There is no manifest in ${dir} yet. Start the provider once; it writes it.`, { cause })
  }
}

/** Errors come as {error: {base: [...]}}, {error: "..."} or {id, message}. Source: heroku-cli-addons-admin. */
function wordsOf({ error, message }: PushAnswer): string {
  if (typeof error === 'string') return error
  if (Array.isArray(error?.base)) return error.base.join(' ')
  return message ?? 'it gave no reason.'
}
