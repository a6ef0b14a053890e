import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { Badge } from '../kit/badge.js'
import { TimeAgo } from '../kit/time-ago.js'

/** When the service last passed inspection, and at which number of its manifest; nothing where it never did. */
export function InspectionBadge({ inspection }: Pick<AddonService, 'inspection'>) {
  if (!inspection) return null
  return (
    <Badge tone="good">
      <span>
        Passed inspection <TimeAgo at={inspection.passed_at} /> · manifest {inspection.manifest_revision}
      </span>
    </Badge>
  )
}
