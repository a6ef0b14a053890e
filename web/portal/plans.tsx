import type { PlanState } from '@mortise/contract/manifest/manifest'
import type { Plan } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge, Name } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { priceLine } from '../price.js'
import { Passes } from './passes.js'
import { PlanEditor } from './plan-editor.js'
import { plans } from './queries.js'
import { planStates } from './words.js'

/** What the service sells, and whom it lets in before others. */
export function PortalPlans() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const read = useQuery(plans(slug))
  const [edited, setEdited] = useState<Plan | 'new'>()
  return (
    <>
      <Section
        title="Plans"
        count={read.data?.length}
        action={
          <Button size="small" onClick={() => setEdited('new')}>
            Add a plan
          </Button>
        }
      >
        <Loaded read={read} what="The plans" rows={2}>
          {(data) => (
            <>
              <ul className={rows}>
                {[...data]
                  .sort((a, b) => a.price.cents - b.price.cents)
                  .map((plan) => (
                    <Row key={plan.id} plan={plan} onEdit={() => setEdited(plan)} />
                  ))}
              </ul>
              <p className="mt-4 max-w-3xl text-muted text-sm">
                Who has an add-on keeps the price that it was ordered at. A plan that is deprecated, or that a manifest
                leaves out, stays for those who have it.
              </p>
            </>
          )}
        </Loaded>
      </Section>
      <Passes slug={slug} plans={read.data ?? []} />
      {edited && (
        <PlanEditor slug={slug} plan={edited === 'new' ? null : edited} onClose={() => setEdited(undefined)} />
      )}
    </>
  )
}

function Row({ plan, onEdit }: { plan: Plan; onEdit(): void }) {
  const state = planStates[plan.state as PlanState] ?? { word: plan.state, tone: 'neutral' as const, means: '' }
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{plan.human_name}</span>
          <Name>{plan.name.slice(plan.name.indexOf(':') + 1)}</Name>
        </p>
        <p className="text-muted text-sm">
          {priceLine(plan.price)}
          {state.means && ` · ${state.means}`}
        </p>
      </div>
      <span className="flex flex-wrap items-center gap-3">
        {plan.default && <Badge>Default</Badge>}
        {!plan.visible && plan.state === 'public' && <Badge>Not listed</Badge>}
        <Badge tone={state.tone}>{state.word}</Badge>
        <Button size="small" aria-label={`Edit ${plan.human_name}`} onClick={onEdit}>
          Edit
        </Button>
      </span>
    </li>
  )
}
