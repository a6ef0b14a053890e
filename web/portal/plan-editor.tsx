import { type PlanState, planStates as states } from '@mortise/contract/manifest/manifest'
import type { Plan } from '@mortise/contract/platform-api/catalog'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { sentenceOf } from '../api.js'
import { Button } from '../kit/button.js'
import { Check } from '../kit/check.js'
import { Actions, Dialog } from '../kit/dialog.js'
import { Choice, Field } from '../kit/field.js'
import { Notice } from '../kit/state.js'
import { useSay } from '../kit/toast.js'
import { centsOf, dollarsOf, putPlan } from './plan-change.js'
import { looked } from './queries.js'
import { planStates } from './words.js'

/** Changes one plan, or adds one. Saving pushes the next version of the manifest. */
export function PlanEditor({ slug, plan, onClose }: { slug: string; plan: Plan | null; onClose(): void }) {
  const say = useSay()
  const featuresId = useId()
  const [name, setName] = useState(plan ? plan.name.slice(slug.length + 1) : '')
  const [title, setTitle] = useState(plan?.human_name ?? '')
  const [description, setDescription] = useState(plan?.description ?? '')
  const [dollars, setDollars] = useState(dollarsOf(plan?.price.cents ?? 0))
  const [features, setFeatures] = useState((plan?.features ?? []).join('\n'))
  const [state, setState] = useState<PlanState>((plan?.state as PlanState | undefined) ?? 'public')
  const [isVisible, setVisible] = useState(plan?.visible ?? true)
  const [isDefault, setDefault] = useState(plan?.default ?? false)
  const cents = centsOf(dollars)
  const save = useMutation({
    mutationFn: () =>
      putPlan(slug, {
        name: name.trim(),
        human_name: title.trim() || name.trim(),
        description: description.trim(),
        features: features
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
        price: { cents: cents ?? 0, unit: 'month' },
        state,
        visible: isVisible,
        default: isDefault,
      }),
    async onSuccess() {
      say(`${title.trim() || name.trim()} is saved, in the next version of the manifest.`)
      onClose()
      await looked()
    },
  })
  const isReady = name.trim() !== '' && cents !== null
  const priceRises = plan !== null && cents !== null && cents > plan.price.cents
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !save.isPending) save.mutate()
  }
  return (
    <Dialog
      title={plan ? `Edit ${plan.human_name}` : 'Add a plan'}
      lead="Plans are in the manifest: saving pushes its next version."
      onClose={onClose}
      isWide
    >
      <form onSubmit={submit} className="grid gap-5">
        <div className="grid items-start gap-5 sm:grid-cols-2">
          {!plan && (
            <Field
              label="Name"
              isName
              required
              maxLength={40}
              placeholder="standard-0"
              hint="What customers type after the colon. It never changes."
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
          <Field
            label="Title"
            maxLength={200}
            hint="What the marketplace shows."
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
          <Field
            label="Price a month, in dollars"
            inputMode="decimal"
            value={dollars}
            error={cents === null ? 'Write an amount, such as 12.50.' : null}
            hint={priceRises ? 'For new orders: who has the plan keeps the price.' : undefined}
            onChange={(event) => setDollars(event.target.value)}
          />
          <Choice
            label="State"
            value={state}
            hint={planStates[state].means}
            onChange={(event) => setState(states.find((one) => one === event.target.value) ?? state)}
          >
            {states.map((one) => (
              <option key={one} value={one}>
                {planStates[one].word}
              </option>
            ))}
          </Choice>
        </div>
        <Field
          label="Description"
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <div className="grid gap-1.5">
          <label htmlFor={featuresId} className="font-medium text-sm">
            Features, one on each line
          </label>
          <textarea
            id={featuresId}
            rows={4}
            value={features}
            onChange={(event) => setFeatures(event.target.value)}
            className="w-full rounded-lg border border-edge bg-surface px-3 py-2 text-sm hover:border-muted"
          />
        </div>
        <div className="grid gap-3">
          <Check isChecked={isVisible} onChange={setVisible}>
            Listed in the marketplace
          </Check>
          <Check isChecked={isDefault} disabled={plan?.default} onChange={setDefault}>
            What people get who name no plan
          </Check>
        </div>
        {save.error && <Notice tone="bad">{sentenceOf(save.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isReady} isBusy={save.isPending}>
            {plan ? 'Save' : 'Add plan'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
