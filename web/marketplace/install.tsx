import type { Plan } from '@mortise/contract/platform-api/catalog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError, api, routes, sentenceOf } from '../api.js'
import { apps, changed } from '../dashboard/resources.js'
import { Button, ButtonLink } from '../kit/button.js'
import { Actions, Dialog } from '../kit/dialog.js'
import { Choice, Field } from '../kit/field.js'
import { Empty, Failed, Loading, Notice } from '../kit/state.js'
import { useSay } from '../kit/toast.js'
import { perHour, perMonth, priceLine } from '../price.js'
import { plans as plansOf, planWord, services } from './catalog-queries.js'
import { NamesPreview } from './names-preview.js'
import { search } from './search.js'

interface InstallProps {
  /** Fixed when the dialog was opened from an app; else it is asked for. */
  app?: string
  /** Fixed when the dialog was opened from a service. */
  service?: string
  plan?: string
  onClose(): void
}

/** Adds an add-on to an app. What it costs and which config vars will appear is on the page before the button is pressed. */
export function Install({ app: fixedApp, service: fixedService, plan: firstPlan, onClose }: InstallProps) {
  const catalog = useQuery(services)
  const appList = useQuery({ ...apps, enabled: !fixedApp })
  const [chosenService, setService] = useState('')
  const [chosenApp, setApp] = useState('')
  const [chosenPlan, setPlan] = useState(firstPlan ?? '')
  const [name, setName] = useState('')
  const [attachment, setAttachment] = useState('')

  const offered = search(catalog.data ?? [], {})
  const serviceName = fixedService ?? (chosenService || offered[0]?.name || '')
  const appName = fixedApp ?? (chosenApp || appList.data?.[0]?.name || '')
  const service = catalog.data?.find((one) => one.name === serviceName)
  const plans = useQuery({ ...plansOf(serviceName), enabled: serviceName !== '' })
  const plan =
    plans.data?.find((one) => planWord(one.name) === chosenPlan) ??
    plans.data?.find((one) => one.default) ??
    plans.data?.[0]
  const create = useCreate({ app: appName, plan, name, attachment, onClose, isElsewhere: !fixedApp })

  const failure = catalog.error ?? appList.error
  const isWaiting = catalog.isPending || (!fixedApp && appList.isPending)
  const title = service && fixedService ? `Add ${service.human_name}` : 'Add an add-on'
  const lead = fixedApp ? `It is created for ${fixedApp}, and its config vars go out with a new release.` : undefined

  function submit(event: FormEvent) {
    event.preventDefault()
    if (plan && appName && !create.isPending) create.mutate({})
  }

  if (failure || isWaiting || (!fixedApp && appList.data?.length === 0) || offered.length === 0) {
    return (
      <Dialog title={title} onClose={onClose} isWide>
        {failure ? (
          <Failed what="The choices" error={failure} />
        ) : isWaiting ? (
          <Loading />
        ) : offered.length === 0 ? (
          <Empty title="The marketplace is empty">A provider publishes a service by pushing its manifest.</Empty>
        ) : (
          <Empty title="You have no app yet" action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}>
            An add-on belongs to an app. Create one first.
          </Empty>
        )}
      </Dialog>
    )
  }

  return (
    <Dialog title={title} lead={lead} onClose={onClose} isWide>
      <form onSubmit={submit} className="grid gap-6">
        {!fixedApp && (
          <Choice label="App" name="app" value={appName} onChange={(event) => setApp(event.target.value)}>
            {appList.data?.map((one) => (
              <option key={one.id}>{one.name}</option>
            ))}
          </Choice>
        )}
        {!fixedService && (
          <Choice
            label="Service"
            name="service"
            value={serviceName}
            onChange={(event) => setService(event.target.value)}
          >
            {offered.map((one) => (
              <option key={one.id} value={one.name}>
                {one.human_name}
              </option>
            ))}
          </Choice>
        )}
        {plans.error ? (
          <Failed what="The plans" error={plans.error} onRetry={plans.refetch} />
        ) : !plans.data ? (
          <Loading rows={2} />
        ) : (
          <PlanChoice plans={plans.data} chosen={plan} onChoose={(one) => setPlan(planWord(one.name))} />
        )}
        <div className="grid items-start gap-5 sm:grid-cols-2">
          <Field
            label="Attached as"
            name="attachment"
            hint="What its config vars begin with. Leave it empty for the usual one."
            isName
            maxLength={100}
            value={attachment}
            onChange={(event) => setAttachment(event.target.value)}
          />
          <Field
            label="Add-on name"
            name="name"
            hint="Leave it empty and it gets one."
            isName
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        {service && <NamesPreview app={appName} service={service} attachment={attachment} />}
        {create.error && (
          <Refusal
            error={create.error}
            isBusy={create.isPending}
            onConfirm={() => create.mutate({ confirm: appName })}
          />
        )}
        <Actions aside={plan && <Cost plan={plan} />}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!plan || !appName} isBusy={create.isPending}>
            Add add-on
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface Wanted {
  app: string
  plan: Plan | undefined
  name: string
  attachment: string
  isElsewhere: boolean
  onClose(): void
}

function useCreate({ app, plan, name, attachment, isElsewhere, onClose }: Wanted) {
  const say = useSay()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: ({ confirm }: { confirm?: string }) =>
      api.call(routes.addons.create, {
        params: { app },
        body: {
          plan: plan?.name ?? '',
          ...(name.trim() ? { name: name.trim() } : {}),
          ...(attachment.trim() ? { attachment: { name: attachment.trim() } } : {}),
          ...(confirm ? { confirm } : {}),
        },
      }),
    async onSuccess(addon) {
      say(addon.state === 'provisioned' ? `${addon.name} is ready.` : `${addon.name} is being created.`)
      if (isElsewhere) await navigate({ to: '/dashboard/apps/$app', params: { app } })
      else onClose()
      await changed(app)
    },
  })
}

function PlanChoice({ plans, chosen, onChoose }: { plans: Plan[]; chosen?: Plan; onChoose(plan: Plan): void }) {
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
          </span>
          <span className="text-right font-medium text-sm">{priceLine(plan.price)}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Cost({ plan }: { plan: Plan }) {
  const hourly = perHour(plan.price)
  return (
    <p className="text-sm">
      <span className="font-semibold text-base">{perMonth(plan.price)}</span>
      {plan.price.cents > 0 && hourly !== '—' && <span className="text-muted"> a month at most, {hourly} an hour</span>}
    </p>
  )
}

function Refusal({ error, isBusy, onConfirm }: { error: Error; isBusy: boolean; onConfirm(): void }) {
  const canConfirm = error instanceof ApiError && error.id === 'confirmation_required'
  if (!canConfirm) return <Notice tone="bad">{sentenceOf(error)}</Notice>
  return (
    <Notice tone="warn">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-60">{error.message}</p>
        <Button size="small" isBusy={isBusy} onClick={onConfirm}>
          Replace and add
        </Button>
      </div>
    </Notice>
  )
}
