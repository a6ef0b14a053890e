import { readOptions } from '@mortise/contract/manifest/options'
import type { Addon } from '@mortise/contract/platform-api/addons'
import type { App } from '@mortise/contract/platform-api/apps'
import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import { ApiError, sentenceOf } from '../api.js'
import { app as appInfo } from '../dashboard/resources.js'
import { Button, ButtonLink } from '../kit/button.js'
import { Field } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { Notice } from '../kit/state.js'
import { plans as plansOf, planWord, regions, service as serviceInfo } from './catalog-queries.js'
import type { NewApp } from './new-app-fields.js'
import { notOffered, offeredIn } from './offered-in.js'
import { OptionFields } from './option-fields.js'
import { firstValues, OnlyTheApp, type Order, place, preview, wrongOptions } from './order.js'
import { PlanChoice } from './plan-choice.js'
import { AppRegion, NewAppRegion } from './region-choice.js'
import { RemoveMadeApp } from './remove-made-app-later.js'
import { WhatHappens } from './what-happens.js'

interface InstallFormProps {
  /** One that is there; empty while none is chosen, or where a new one is made. */
  app: string
  newApp?: NewApp & { region: string | undefined; onRegion(region: string): void }
  service: string
  /** Its last word, such as `mini`; the usual one when empty. */
  plan: string
  onPlan(plan: string): void
  /** What is chosen before the plan: the app, or the service. */
  choices?: ReactNode
  /** Where there is room, what happens stands beside the fields. */
  isWide?: boolean
  onOrdered(addon: Addon, made?: { region: string }): void
  /** The new app was made, and its add-on was not. */
  onOnlyTheApp?(app: App): void
  /** That app was removed again. */
  onRemoved?(): void
  /** The last line; the form's button is the second of it. */
  actions(button: ReactNode): ReactNode
}

/** How long a field rests before the server is asked what would happen. */
const restMs = 300

/** Orders an add-on. What it costs, which config vars appear and which clash is seen before the button is pressed. */
export function InstallForm(props: InstallFormProps) {
  const { app, newApp, service: name, plan: word, onPlan, choices, isWide, onOrdered, onOnlyTheApp, actions } = props
  const { data: service } = useQuery({ ...serviceInfo(name), enabled: name !== '' })
  const read = useQuery({ ...plansOf(name), enabled: name !== '' })
  const { data: plans } = read
  const { data: host } = useQuery({ ...appInfo(app), enabled: app !== '' })
  const [addonName, setAddonName] = useState('')
  const [attachment, setAttachment] = useState('')
  const { options, values, setValue } = useOptions(service ?? undefined)
  const [isTried, setTried] = useState(false)
  const plan = plans?.find((one) => planWord(one.name) === word) ?? plans?.find((one) => one.default) ?? plans?.[0]
  const { data: allRegions } = useQuery(regions)
  const sought = service && allRegions && { service, plan, regions: allRegions.map((one) => one.name) }
  const offered = sought ? offeredIn(sought) : []
  // A new app goes where the service is, as long as nobody says otherwise.
  const region = newApp ? (newApp.region ?? offered[0] ?? allRegions?.[0]?.name) : host?.region.name
  const refusal = sought && region ? notOffered(sought, region) : null
  const order: Order = {
    app,
    ...(newApp && region ? { newApp: { name: newApp.name, team: newApp.team, region } } : {}),
    plan: plan?.name ?? '',
    name: addonName,
    attachment,
    options: values,
  }
  const isFor = newApp ? region !== undefined : app !== ''
  const wrong = wrongOptions(options, values)
  const isWrong = Object.keys(wrong).length > 0
  const rested = useRested(order)
  const canAsk = rested.plan !== '' && (rested.app !== '' || rested.newApp !== undefined)
  const seen = useQuery({ ...preview(rested), enabled: !isWrong && !refusal && canAsk })
  const create = useMutation({
    mutationFn: ({ confirm }: { confirm?: string }) => place(order, seen.data, confirm),
    onSuccess: (addon) => onOrdered(addon, order.newApp && { region: order.newApp.region }),
    onError: (error) => error instanceof OnlyTheApp && onOnlyTheApp?.(error.app),
  })
  const isReady = plan !== undefined && isFor && !refusal

  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (isReady && !isWrong && !create.isPending) create.mutate({})
  }

  const happens = (
    <WhatHappens
      app={newApp ? newApp.name.trim() || 'the new app' : app}
      isNew={newApp !== undefined}
      plan={plan}
      shown={seen.error || isWrong || refusal ? undefined : seen.data}
      hindrance={refusal ?? (seen.error && sentenceOf(seen.error))}
      isWaiting={seen.isFetching}
    />
  )
  return (
    <form
      onSubmit={submit}
      noValidate
      className={isWide ? 'grid gap-8 lg:grid-cols-[minmax(0,1fr)_19rem]' : 'grid gap-6'}
    >
      <div className="grid content-start gap-6">
        {choices}
        <Loaded read={read} what="The plans" rows={2}>
          {(all) => <PlanChoice plans={all} chosen={plan} onChoose={(one) => onPlan(planWord(one.name))} />}
        </Loaded>
        {newApp && allRegions && region !== undefined && (
          <NewAppRegion
            regions={allRegions}
            offered={offered}
            region={region}
            refusal={refusal}
            onRegion={newApp.onRegion}
          />
        )}
        {!newApp && region !== undefined && (
          <AppRegion app={app} region={region} offered={offered} refusal={refusal} service={name} plan={plan} />
        )}
        {options.length > 0 && (
          <OptionFields options={options} values={values} wrong={isTried ? wrong : {}} onChange={setValue} />
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
            value={addonName}
            onChange={(event) => setAddonName(event.target.value)}
          />
        </div>
        {/* On a phone it stands where one reads it last before the button. */}
        <div className={isWide ? 'lg:hidden' : ''}>{happens}</div>
        {create.error && (
          <Refusal
            error={create.error}
            service={service?.human_name ?? name}
            isBusy={create.isPending}
            onConfirm={() => create.mutate({ confirm: app })}
            onRemoved={() => {
              create.reset()
              props.onRemoved?.()
            }}
          />
        )}
        {actions(
          <Button type="submit" look="primary" disabled={!isReady} isBusy={create.isPending}>
            {newApp ? 'Make the app and add it' : 'Add add-on'}
          </Button>,
        )}
      </div>
      {isWide && <div className="max-lg:hidden lg:sticky lg:top-24 lg:self-start">{happens}</div>}
    </form>
  )
}

/** The service's own options and what stands in their fields, which begins anew when the service is another. */
function useOptions(service: AddonService | undefined) {
  const options = readOptions(service?.options)
  const [typed, setTyped] = useState<{ service?: string; values: Record<string, string> }>({ values: {} })
  const isOfThis = typed.service === service?.id
  const values = { ...firstValues(options), ...(isOfThis ? typed.values : {}) }
  const setValue = (name: string, value: string) =>
    setTyped({ service: service?.id, values: { ...(isOfThis ? typed.values : {}), [name]: value } })
  return { options, values, setValue }
}

/** The order once nobody has changed it for a moment. */
function useRested<T>(value: T): T {
  const text = JSON.stringify(value)
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(setRested, restMs, text)
    return () => clearTimeout(timer)
  }, [text])
  return JSON.parse(useDeferredValue(rested))
}

interface RefusalProps {
  error: Error
  service: string
  isBusy: boolean
  onConfirm(): void
  onRemoved(): void
}

function Refusal({ error, service, isBusy, onConfirm, onRemoved }: RefusalProps) {
  if (error instanceof OnlyTheApp)
    return <AppAlone app={error.app} cause={error.cause} service={service} onRemoved={onRemoved} />
  const id = error instanceof ApiError ? error.id : ''
  if (id === 'confirmation_required') {
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
  const next = nextSteps[id]
  return (
    <Notice tone="bad">
      <p>{sentenceOf(error)}</p>
      {next && <p className="mt-1">{next}</p>}
    </Notice>
  )
}

const nextSteps: Record<string, string> = {
  provider_refused:
    'These are its provider’s words. Nothing was made and nothing is charged: change what it says, or choose another plan.',
  provider_unreachable:
    'Its provider could not be reached. Nothing was made and nothing is charged: try again in a few minutes.',
}

/** Half of what was ordered is there: which half, why not the other, and both ways on. */
function AppAlone({
  app,
  cause,
  service,
  onRemoved,
}: Pick<OnlyTheApp, 'app' | 'cause'> & { service: string; onRemoved(): void }) {
  // Without an answer nobody knows whether the add-on is on its way.
  const isKnown = cause instanceof ApiError && cause.status !== 500
  return (
    <Notice tone="bad">
      <p className="font-medium">
        {isKnown
          ? `The app ${app.name} was made in ${app.region.name}. ${service} was not added to it.`
          : `The app ${app.name} was made in ${app.region.name}. Whether ${service} was ordered for it is not known.`}
      </p>
      <p className="mt-1">{sentenceOf(cause)}</p>
      <p className="mt-1">
        {isKnown
          ? 'Nothing is charged. Change what it says or choose another plan and add it to the app, or remove the app.'
          : 'Look at the app before you try again.'}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {isKnown && <RemoveMadeApp app={app.name} size="small" onRemoved={onRemoved} />}
        <ButtonLink size="small" to="/dashboard/apps/$app" params={{ app: app.name }}>
          Go to {app.name}
        </ButtonLink>
      </div>
    </Notice>
  )
}
