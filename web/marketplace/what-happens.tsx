import type { Plan } from '@mortise/contract/platform-api/catalog'
import { Name } from '../kit/badge.js'
import { perHour, perMonth } from '../price.js'
import type { Shown } from './order.js'

interface WhatHappensProps {
  app: string
  isNew: boolean
  plan: Plan | undefined
  shown: Shown | undefined
  /** Why it can't be, in words. */
  hindrance: string | null
  isWaiting: boolean
}

/** What it costs and what becomes of the app's config, as the server has rehearsed it, before anything is confirmed. */
export function WhatHappens({ app, isNew, plan, shown, hindrance, isWaiting }: WhatHappensProps) {
  const made = shown?.add_ons[0]
  const names = made?.config_vars ?? []
  const clashes = shown?.overwrites ?? []
  return (
    <section aria-label="What happens" aria-busy={isWaiting} className="grid gap-4 rounded-xl bg-sunken p-5 text-sm">
      {plan && (
        <div>
          <p className="text-muted">It costs</p>
          <p>
            <span className="font-semibold text-lg">{perMonth(plan.price)}</span>
            {plan.price.cents > 0 && !plan.price.contract && (
              <span className="text-muted"> a month at most, {perHour(plan.price)} an hour</span>
            )}
          </p>
        </div>
      )}
      <div aria-live="polite" className="grid gap-4">
        {hindrance ? (
          <p className="text-bad [overflow-wrap:anywhere]">{hindrance}</p>
        ) : !shown ? (
          <p className="text-muted">
            {isNew ? 'Looking at what it brings…' : `Looking at what ${app || 'the app'} has…`}
          </p>
        ) : (
          <>
            <div className="grid gap-1.5">
              <p className="text-muted">
                Config vars that appear in {app}
                {made && `, attached as ${made.attachment}`}
              </p>
              {names.length > 0 ? (
                <p className="flex flex-wrap gap-1.5">
                  {names.map((name) => (
                    <Name key={name}>{name}</Name>
                  ))}
                </p>
              ) : (
                <p>None.</p>
              )}
            </div>
            <div className="grid gap-1.5">
              <p className="text-muted">Clashes</p>
              {clashes.length === 0 ? (
                <p>{isNew ? 'None: it is empty.' : 'None. Nothing that is there is overwritten.'}</p>
              ) : (
                <ul className="grid gap-1 text-warn">
                  {clashes.map((one) => (
                    <li key={one} className="[overflow-wrap:anywhere]">
                      It would replace {one}.
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </>
        )}
      </div>
    </section>
  )
}
