import type { Release as WireRelease } from '@mortise/contract/platform-api/releases'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Release } from './release.js'

/** The id that stands for whoever is no account, such as a provider. */
export const nobody = '00000000-0000-4000-8000-000000000000'

/** @param outputUrl where the output of its release command is followed; left out where no address may be told */
export function releaseView(
  release: Release,
  currentId: string | undefined,
  outputUrl?: (releaseId: string) => string,
): WireRelease {
  return {
    addon_plan_names: release.addonPlanNames,
    app: { id: release.appId, name: release.appName },
    artifacts: release.slugId ? [{ id: release.slugId, type: 'slug' }] : [],
    created_at: timestamp(release.createdAt),
    current: release.id === currentId,
    description: release.description,
    eligible_for_rollback: release.status === 'succeeded',
    id: release.id,
    message: release.message,
    output_stream_url: release.hasCommand ? (outputUrl?.(release.id) ?? null) : null,
    slug: release.slugId ? { id: release.slugId } : null,
    status: release.status,
    updated_at: timestamp(release.updatedAt),
    user: { id: release.accountId ?? nobody, email: release.actorEmail },
    version: release.version,
  }
}
