import { PlatformRefused, platformAnswerMs } from './platform.js'
import type { Service } from './service.js'

/** What a platform of the first generation tells of the app that an add-on belongs to. Source: Dev Center, App Info (2014). */
export interface AppInfo {
  /** The app's own id, such as app123@heroku.com. */
  id: string
  name: string
  config: Record<string, string>
  owner_email: string
  region: string
  domains: string[]
}

/** The calls back of the first generation: Basic auth with the id and password of the manifest, at the `callback_url`. */
export interface AppInfoClient {
  info(): Promise<AppInfo>
  /** Sets values under the service's own names. The app gets a release. */
  putConfig(config: Record<string, string>): Promise<void>
}

/** @throws PlatformRefused from each call; 404 until the platform has read the answer to the provision */
export function createAppInfoClient(callbackUrl: string, { id, passwords }: Service): AppInfoClient {
  return {
    info: async () => (await call('GET')) as AppInfo,
    putConfig: async (config) => void (await call('PUT', { config })),
  }

  async function call(method: string, body?: unknown): Promise<unknown> {
    const response = await fetch(callbackUrl, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(platformAnswerMs),
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${id}:${passwords[0]}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new PlatformRefused(response.status, '', `The platform answered ${response.status}.`)
    try {
      return JSON.parse(text)
    } catch {
      return null
    }
  }
}
