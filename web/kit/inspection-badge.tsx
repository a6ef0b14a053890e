import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { Badge } from './badge.js'
import { TimeAgo } from './time-ago.js'

type Inspected = Pick<AddonService, 'inspection'>

/** When the service last passed inspection, and at which number of its manifest; nothing where it never did. */
export function InspectionBadge({ inspection }: Inspected) {
  if (!inspection) return null
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <Badge tone="good">Passed inspection</Badge>
      <span className="text-muted text-xs">
        <TimeAgo at={inspection.passed_at} /> · manifest {inspection.manifest_revision}
      </span>
    </span>
  )
}

/** The same for a list of many services: that it passed, the rest is its title. */
export function InspectedMark({ inspection }: Inspected) {
  if (!inspection) return null
  const { manifest_revision, passed_at } = inspection
  return (
    <span title={`Manifest ${manifest_revision} passed inspection, ${new Date(passed_at).toLocaleString()}`}>
      <Badge tone="good">Inspected</Badge>
    </span>
  )
}
