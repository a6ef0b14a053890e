import type { Build as WireBuild, Slug as WireSlug } from '@mortise/contract/platform-api/builds'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { findStack } from '../apps/place.js'
import { cedar } from '../catalog/generation.js'
import type { Secrets } from '../secrets/seal.js'
import { type Build, outputContext, type Slug } from './build.js'
import { buildpackRef } from './buildpack.js'

/** What was asked for, else what was found. A build of several has them joined by commas. */
const buildpacksIn = (build: Build): readonly string[] => build.buildpacks ?? build.buildpack?.split(',') ?? []

export function buildView(build: Build, secrets: Secrets, origin: string): WireBuild {
  const token = secrets.open(build.sealed, outputContext(build.id))
  return {
    app: { id: build.appId },
    // Clients read this as an array always; which buildpack it was is known once it has been detected.
    buildpacks: buildpacksIn(build).map(buildpackRef),
    created_at: timestamp(build.createdAt),
    generation: cedar.name,
    id: build.id,
    message: build.message,
    output_stream_url: `${origin}/builds/${build.id}/output?token=${token}`,
    release: build.releaseId ? { id: build.releaseId } : null,
    slug: build.slugId ? { id: build.slugId, size: build.slugBytes } : null,
    source_blob: {
      checksum: build.sourceChecksum,
      url: build.sourceUrl,
      version: build.sourceVersion,
      version_description: build.sourceDescription,
    },
    stack: build.stack,
    status: build.status,
    updated_at: timestamp(build.updatedAt),
    user: { id: build.accountId, email: build.accountEmail },
  }
}

/** @param blob where its archive is put, or got; an address without a token is good for neither */
export function slugView(slug: Slug, blob: WireSlug['blob']): WireSlug {
  return {
    blob,
    buildpack_provided_description: slug.buildpack,
    checksum: slug.checksum,
    commit: slug.commit,
    commit_description: slug.commitDescription,
    created_at: timestamp(slug.createdAt),
    deleted_at: null,
    id: slug.id,
    process_types: slug.processTypes,
    size: slug.bytes,
    stack: { id: findStack(slug.stack)?.id ?? slug.id, name: slug.stack },
    updated_at: timestamp(slug.createdAt),
  }
}
