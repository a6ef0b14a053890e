import type { Plan } from '@mortise/contract/platform-api/catalog'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { card } from '../kit/page.js'
import { perHour, perMonth } from '../price.js'
import { planWord } from './catalog-queries.js'
import { compareFeatures } from './features.js'

interface PlansTableProps {
  service: string
  plans: Plan[]
  /** The plan that the address points at. */
  pointedAt: string | undefined
  isOpen: boolean
}

// The first column stays in sight while the plans are pushed along beneath it.
const label =
  'sticky left-0 z-10 w-28 min-w-28 bg-surface px-3 py-3 text-left align-top font-normal text-muted text-sm sm:w-44 sm:min-w-44 sm:px-5 [overflow-wrap:anywhere]'

/** A column for each plan, a line for each thing that can be compared; pushed sideways where there is no room for all. */
export function PlansTable({ service, plans, pointedAt, isOpen }: PlansTableProps) {
  const features = compareFeatures(plans)
  const isPointed = (plan: Plan) => planWord(plan.name) === pointedAt
  const cell = (plan: Plan) => `min-w-36 px-4 py-3 text-left align-top ${isPointed(plan) ? 'bg-accent-soft' : ''}`
  return (
    // Reached by the keyboard too, or nobody could push it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section aria-label="Plans side by side" tabIndex={0} className={`relative overflow-x-auto ${card}`}>
      <table className="w-full border-collapse">
        <caption className="sr-only">Plans, their prices and what is in them</caption>
        <thead>
          <tr className="border-line border-b">
            <td className={label} />
            {plans.map((plan) => (
              <th key={plan.id} scope="col" className={`${cell(plan)} pt-5 font-normal`}>
                <span className="flex flex-wrap items-center gap-2">
                  <Link
                    to="/marketplace/$service"
                    params={{ service }}
                    search={{ plan: planWord(plan.name) }}
                    replace
                    resetScroll={false}
                    className="rounded font-semibold hover:text-accent"
                  >
                    {plan.human_name}
                  </Link>
                  {plan.default && <Badge>Usual</Badge>}
                </span>
                <code className="block text-muted text-xs [overflow-wrap:anywhere]">{planWord(plan.name)}</code>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          <Row title="Most per month">
            {plans.map((plan) => (
              <td key={plan.id} className={`${cell(plan)} font-semibold text-lg leading-snug`}>
                {perMonth(plan.price)}
              </td>
            ))}
          </Row>
          <Row title="Per hour">
            {plans.map((plan) => (
              <td key={plan.id} className={`${cell(plan)} text-soft text-sm`}>
                {perHour(plan.price)}
              </td>
            ))}
          </Row>
          {features.map((row) => (
            <Row key={row.label} title={row.label}>
              {row.cells.map((text, at) => {
                const plan = plans[at]
                return (
                  plan && (
                    <td key={plan.id} className={`${cell(plan)} text-sm`}>
                      {text === true ? <Tick /> : (text ?? <Missing />)}
                    </td>
                  )
                )
              })}
            </Row>
          ))}
          {plans.some((plan) => plan.description) && (
            <Row title="Made for">
              {plans.map((plan) => (
                <td key={plan.id} className={`${cell(plan)} text-soft text-sm`}>
                  {plan.description || <Missing />}
                </td>
              ))}
            </Row>
          )}
          {isOpen && (
            <tr>
              <td className={label} />
              {plans.map((plan) => (
                <td key={plan.id} className={`${cell(plan)} py-4`}>
                  <ButtonLink
                    size="small"
                    look={isPointed(plan) ? 'primary' : 'secondary'}
                    to="/marketplace/$service/install"
                    params={{ service }}
                    search={{ plan: planWord(plan.name) }}
                    aria-label={`Choose ${plan.human_name}`}
                  >
                    Choose
                  </ButtonLink>
                </td>
              ))}
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}

function Row({ title, children }: { title: string; children: ReactNode }) {
  return (
    <tr>
      <th scope="row" className={label}>
        {title}
      </th>
      {children}
    </tr>
  )
}

function Tick() {
  return (
    <>
      <svg
        viewBox="0 0 16 16"
        aria-hidden="true"
        className="mt-0.5 size-4 text-accent"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
      >
        <path d="m3 8.5 3.2 3L13 4.5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <span className="sr-only">Yes</span>
    </>
  )
}

function Missing() {
  return (
    <>
      <span aria-hidden="true" className="text-muted">
        –
      </span>
      <span className="sr-only">No</span>
    </>
  )
}
