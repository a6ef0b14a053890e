import type { Plan } from '@mortise/contract/platform-api/catalog'
import { priceLine } from '../price.js'
import { listed } from './offered-in.js'

interface PlanChoiceProps {
  plans: Plan[]
  chosen: Plan | undefined
  onChoose(plan: Plan): void
}

export function PlanChoice({ plans, chosen, onChoose }: PlanChoiceProps) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-sm">Plan</legend>
      {plans.map((plan) => (
        <label
          key={plan.id}
          className="flex items-start gap-3 rounded-xl border border-line bg-surface px-4 py-3 hover:border-edge has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name="plan"
            value={plan.name}
            checked={plan.id === chosen?.id}
            onChange={() => onChoose(plan)}
            className="mt-1 size-4 shrink-0 accent-accent outline-none"
          />
          <span className="min-w-0 flex-1">
            <span className="block font-medium">{plan.human_name}</span>
            <span className="block text-soft text-sm">{(plan.features ?? []).join(' · ') || plan.description}</span>
            {plan.regions && <span className="block text-muted text-sm">Sold in {listed(plan.regions)} only</span>}
          </span>
          <span className="text-right font-medium text-sm">{priceLine(plan.price)}</span>
        </label>
      ))}
    </fieldset>
  )
}
