import type { Plan } from '@mortise/contract/platform-api/catalog'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { card } from '../kit/page.js'
import { perHour, perMonth } from '../price.js'

/** Plans side by side: a table where there is room, one under the other on a phone. */
export function PlansTable({ plans, onChoose }: { plans: Plan[]; onChoose(plan: Plan): void }) {
  return (
    <div className={`overflow-hidden ${card}`}>
      <table className="w-full text-left max-sm:block">
        <caption className="sr-only">Plans and their prices</caption>
        <thead className="border-line border-b bg-sunken text-muted text-sm max-sm:hidden">
          <tr>
            <th scope="col" className="px-5 py-3 font-medium">
              Plan
            </th>
            <th scope="col" className="px-3 py-3 font-medium">
              What is in it
            </th>
            <th scope="col" className="px-3 py-3 text-right font-medium">
              Per hour
            </th>
            <th scope="col" className="px-3 py-3 text-right font-medium">
              Most per month
            </th>
            <th scope="col" className="px-5 py-3">
              <span className="sr-only">Choose</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line max-sm:block">
          {plans.map((plan) => (
            <tr key={plan.id} className="align-top max-sm:grid max-sm:grid-cols-2 max-sm:gap-3 max-sm:p-5">
              <th scope="row" className="px-5 py-5 font-normal max-sm:col-span-2 max-sm:p-0">
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-semibold">{plan.human_name}</span>
                  {plan.default && <Badge>Default</Badge>}
                </span>
                <code className="text-muted text-xs">{plan.name}</code>
                {plan.description && <span className="mt-1 block max-w-56 text-muted text-sm">{plan.description}</span>}
              </th>
              <td className="px-3 py-5 max-sm:col-span-2 max-sm:p-0">
                <ul className="grid gap-1 text-sm text-soft">
                  {(plan.features ?? []).map((feature) => (
                    <li key={feature} className="flex gap-2">
                      <Tick />
                      {feature}
                    </li>
                  ))}
                </ul>
              </td>
              <td className="px-3 py-5 text-right text-muted max-sm:order-2 max-sm:p-0 max-sm:text-sm">
                {perHour(plan.price)}
                {plan.price.cents > 0 && <span className="sm:hidden"> an hour</span>}
              </td>
              <td className="px-3 py-5 text-right font-semibold max-sm:order-1 max-sm:p-0 max-sm:text-left">
                {perMonth(plan.price)}
                {plan.price.cents > 0 && <span className="font-normal text-muted sm:hidden"> a month</span>}
              </td>
              <td className="px-5 py-4 text-right max-sm:order-3 max-sm:col-span-2 max-sm:p-0">
                <Button
                  size="small"
                  aria-label={`Choose ${plan.human_name}`}
                  onClick={() => onChoose(plan)}
                  className="max-sm:w-full"
                >
                  Choose
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Tick() {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className="mt-1 size-3.5 shrink-0 text-accent"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
    >
      <path d="m3 8.5 3.2 3L13 4.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
