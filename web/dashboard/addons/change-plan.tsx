import type { Addon } from '@mortise/contract/platform-api/addons'
import type { Plan } from '@mortise/contract/platform-api/catalog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Loaded } from '../../kit/loaded.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { plans as plansOf } from '../../marketplace/catalog-queries.js'
import { money, perHour, perMonth, priceLine } from '../../price.js'
import { changed } from '../resources.js'
import { planOf, serviceOf } from './words.js'

/** Plans side by side, what the change costs, and what the provider says to it. */
export function ChangePlan({ app, addon, onClose }: { app: string; addon: Addon; onClose(): void }) {
  const say = useSay()
  const read = useQuery(plansOf(serviceOf(addon)))
  const { data: plans } = read
  const [wanted, setWanted] = useState(String(addon.plan.name))
  const chosen = plans?.find((plan) => plan.name === wanted)
  const isSame = wanted === addon.plan.name
  const change = useMutation({
    mutationFn: (plan: Plan) =>
      api.call(routes.addons.update, { params: { app, addon: addon.id }, body: { plan: plan.name } }),
    async onSuccess(answer, plan) {
      const isDone = answer.plan.name === plan.name
      const message = answer.provision_message ? ` ${answer.provision_message}` : ''
      say(
        isDone
          ? `${addon.name} is on ${plan.human_name} now.${message}`
          : `${addon.name} moves to ${plan.human_name} as soon as its provider says so. Until then it costs the cheaper of the two.${message}`,
      )
      onClose()
      await changed(app)
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (chosen && !isSame && !change.isPending) change.mutate(chosen)
  }
  return (
    <Dialog
      title={`Change the plan of ${addon.name}`}
      lead="Its provider moves it, with what is in it. The price changes with the plan, to the second."
      onClose={onClose}
      isWide
    >
      <form onSubmit={submit} className="grid gap-5">
        <Loaded read={read} what="The plans" rows={2}>
          {(all) => (
            <fieldset className="grid gap-3 sm:grid-cols-2">
              <legend className="sr-only">Plan</legend>
              {all.map((plan) => (
                <PlanCard
                  key={plan.id}
                  plan={plan}
                  isCurrent={plan.name === addon.plan.name}
                  isChosen={plan.name === wanted}
                  onChoose={() => setWanted(plan.name)}
                />
              ))}
            </fieldset>
          )}
        </Loaded>
        {plans && !plans.some((plan) => plan.name === addon.plan.name) && (
          <Notice tone="warn" isStanding>
            It is on {planOf(addon)}, which is no longer offered: you keep it as long as you like, and can not come back
            to it.
          </Notice>
        )}
        {change.error && (
          <Notice tone="bad">
            <p>{sentenceOf(change.error)}</p>
            <p className="mt-1">
              Nothing was changed: it is still on {planOf(addon)}, at {priceLine(addon.billed_price)}. Choose another
              plan, or try again later.
            </p>
          </Notice>
        )}
        <Actions aside={chosen && !isSame && <Difference from={addon.billed_price} to={chosen.price} />}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!chosen || isSame} isBusy={change.isPending}>
            Change plan
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface CardProps {
  plan: Plan
  isCurrent: boolean
  isChosen: boolean
  onChoose(): void
}

function PlanCard({ plan, isCurrent, isChosen, onChoose }: CardProps) {
  const hourly = perHour(plan.price)
  return (
    <label className="grid content-start gap-2 rounded-xl border border-line bg-surface p-4 hover:border-edge has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2">
      <span className="flex min-h-6 items-center gap-2.5">
        <input
          type="radio"
          name="plan"
          value={plan.name}
          aria-label={plan.human_name}
          checked={isChosen}
          onChange={onChoose}
          className="size-4 shrink-0 accent-accent outline-none"
        />
        <span className="min-w-0 flex-1 font-semibold">{plan.human_name}</span>
        {isCurrent && <Badge>In use</Badge>}
      </span>
      <span>
        <span className="font-semibold text-lg">{perMonth(plan.price)}</span>
        {plan.price.cents > 0 && hourly !== '—' && (
          <span className="text-muted text-sm"> a month · {hourly} an hour</span>
        )}
      </span>
      <span className="grid gap-0.5 text-soft text-sm">
        {(plan.features?.length ? plan.features : [plan.description]).map((feature) => (
          <span key={feature}>{feature}</span>
        ))}
      </span>
    </label>
  )
}

function Difference({ from, to }: { from: Addon['billed_price']; to: Plan['price'] }) {
  const isCounted = [from, to].every((price) => !price.contract && !price.metered && price.unit === 'month')
  const cents = to.cents - from.cents
  return (
    <p className="text-sm" aria-live="polite">
      <span className="font-semibold text-base">{priceLine(to)}</span>
      {isCounted && cents !== 0 && (
        <span className="text-muted">
          {' '}
          · {money(Math.abs(cents))} {cents > 0 ? 'more' : 'less'} a month
        </span>
      )}
    </p>
  )
}
