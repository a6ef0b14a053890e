import type { Quota } from '@mortise/contract/platform-api/quotas'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { quotas } from './queries.js'

const ChangeQuota = lazy(() => import('./change-quota.js').then((module) => ({ default: module.ChangeQuota })))

/** How much of everything the account may have, and has. */
export function Quotas({ account }: { account: string }) {
  const read = useQuery(quotas(account))
  const [changing, setChanging] = useState<Quota | null>(null)
  return (
    <Section title="Quotas">
      <Loaded read={read} what="The quotas" rows={3} height="h-12">
        {(data) => (
          <ul className={rows}>
            {data.map((quota) => (
              <li key={quota.name} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-5 py-2.5">
                <span className="w-32 font-medium first-letter:uppercase">{quota.name}</span>
                <span className="min-w-0 flex-1 basis-32 text-sm">
                  {quota.used}{' '}
                  <span className="text-muted">{quota.limit === null ? 'used, no limit' : `of ${quota.limit}`}</span>
                </span>
                {quota.limit !== null && quota.used >= quota.limit && <Badge tone="warn">Used up</Badge>}
                {quota.is_own && <Badge>Set for this account</Badge>}
                <Button
                  look="ghost"
                  size="small"
                  aria-label={`Change the quota of ${quota.name}`}
                  onClick={() => setChanging(quota)}
                  className="max-sm:-ml-3 sm:-mr-3"
                >
                  Change
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Suspense>
        {changing && <ChangeQuota account={account} quota={changing} onClose={() => setChanging(null)} />}
      </Suspense>
    </Section>
  )
}
