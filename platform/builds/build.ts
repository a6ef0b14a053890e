import type { Actor } from '../saga/saga.js'

/** One way from source to slug. */
export interface Build {
  id: string
  appId: string
  appName: string
  accountId: string
  accountEmail: string
  sourceId: string
  /** As the customer gave it; without its token when it is ours. */
  sourceUrl: string
  sourceChecksum: string | null
  sourceVersion: string | null
  sourceDescription: string | null
  /** `deploy` makes a release of its own; `config` rebuilds for one that is already there. */
  purpose: 'deploy' | 'config'
  status: 'pending' | 'succeeded' | 'failed'
  stack: string
  /** What it was built with, once that is known. */
  buildpack: string | null
  /** What was asked for with this build; null goes by the app's. */
  buildpacks: string[] | null
  message: string | null
  /** The token of its output's address, sealed. */
  sealed: Buffer
  slugId: string | null
  /** Of the slug, packed; null until it is there. */
  slugBytes: number | null
  releaseId: string | null
  /** Raised by each claim: whoever holds an older one has been replaced. */
  epoch: number
  createdAt: Date
  updatedAt: Date
}

/** A built app, ready to start. */
export interface Slug {
  id: string
  appId: string
  buildId: string | null
  sourceId: string | null
  /** Null until its archive is there. */
  bytes: number | null
  checksum: string | null
  processTypes: Record<string, string>
  buildpack: string | null
  commit: string | null
  commitDescription: string | null
  /** Where in the archive the app lies; null at its top. */
  folder: string | null
  stack: string
  createdAt: Date
}

/** How long a claimed build is ours without a word from us. */
export const buildLeaseMs = 30_000
/** How often the holder of a build renews its lease, and so hears of its cancelling. */
export const buildBeatMs = 2_000
/** Builds at the same time in the whole installation; each may use a processor for minutes. */
export const buildsAtOnceMax = 2
/** What is kept of a build's output. */
export const outputCharactersMax = 1024 * 1024
/** A build that took the platform down with it this often is not tried again. */
export const buildClaimsMax = 6

export const outputContext = (buildId: string) => `builds:${buildId}:1`

export const actorOf = (build: Build): Actor => ({ id: build.accountId, email: build.accountEmail })

/** "Deploy 1f3a9c2e": the first 8 characters of the source's version, or of the build's id. */
export function deployDescription(build: { id: string; sourceVersion: string | null }): string {
  return `Deploy ${(build.sourceVersion?.trim() || build.id).slice(0, 8)}`
}
