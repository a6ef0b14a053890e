import type { Account } from '../process/account.js'

export interface BuildRequest {
  id: string
  app: { id: string; name: string }
  /** A .tgz or .tar on the local disk. */
  sourceFile: string
  /** The app's config; the buildpack reads it as files in ENV_DIR, never as shell text. */
  config: Record<string, string>
  /** A commit or any other name of the source; given to the buildpack as SOURCE_VERSION. */
  sourceVersion?: string
  stack: string
  onOutput(text: string): void
  signal?: AbortSignal
  /** 15 minutes unless told, like Heroku's. */
  timeoutMs?: number
  /** The operator's own additions to the build's environment, such as `npm_config_registry`. */
  extraEnv?: Record<string, string>
}

export type BuildOutcome =
  | {
      outcome: 'succeeded'
      slugFile: string
      sizeBytes: number
      /** `SHA256:` and 64 hex digits. */
      checksum: string
      processTypes: Record<string, string>
      buildpack: string
    }
  | { outcome: 'failed'; message: string }

export interface Builder {
  build(request: BuildRequest): Promise<BuildOutcome>
  /** Drops an app's build cache. May be repeated. Slugs stay: releases refer to them. */
  forget(appId: string): Promise<void>
}

export interface BuilderOptions {
  /** Cache, slugs and scratch live below. */
  dir: string
  account?: Account | null
  node?: string
  path?: string
}

export declare function createBuilder(options: BuilderOptions): Builder
