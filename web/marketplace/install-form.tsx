import { readOptions } from '@mortise/contract/manifest/options'
import type { Addon } from '@mortise/contract/platform-api/addons'
import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import { ApiError, sentenceOf } from '../api.js'
import { app as appInfo } from '../dashboard/resources.js'
import { Button } from '../kit/button.js'
import { Field } from '../kit/field.js'
import { Failed, Loading, Notice } from '../kit/state.js'
import { plans as plansOf, planWord, service as serviceInfo } from './catalog-queries.js'
import { OptionFields } from './option-fields.js'
import { firstValues, place, preview, wrongOptions } from './order.js'
import { PlanChoice } from './plan-choice.js'
import { WhatHappens } from './what-happens.js'

interface InstallFormProps {
  app: string
  service: string
  /** Its last word, such as `mini`; the usual one when empty. */
  plan: string
  onPlan(plan: string): void
  /** What is chosen before the plan: the app, or the service. */
  choices?: ReactNode
  /** Where there is room, what happens stands beside the fields. */
  isWide?: boolean
  onOrdered(addon: Addon): void
  /** The last line; the form's button is the second of it. */
  actions(button: ReactNode): ReactNode
}

/** How long a field rests before the server is asked what would happen. */
const restMs = 300

/** Orders an add-on. What it costs, which config vars appear and which clash is seen before the button is pressed. */
export function InstallForm({
  app,
  service: name,
  plan: word,
  onPlan,
  choices,
  isWide,
  onOrdered,
  actions,
}: InstallFormProps) {
  const { data: service } = useQuery({ ...serviceInfo(name), enabled: name !== '' })
  const { data: plans, error: plansError, refetch } = useQuery({ ...plansOf(name), enabled: name !== '' })
  const { data: host } = useQuery({ ...appInfo(app), enabled: app !== '' })
  const [addonName, setAddonName] = useState('')
  const [attachment, setAttachment] = useState('')
  const { options, values, setValue } = useOptions(service ?? undefined)
  const [isTried, setTried] = useState(false)
  const plan = plans?.find((one) => planWord(one.name) === word) ?? plans?.find((one) => one.default) ?? plans?.[0]
  const order = { app, plan: plan?.name ?? '', name: addonName, attachment, options: values }
  const wrong = wrongOptions(options, values)
  const isWrong = Object.keys(wrong).length > 0
  const rested = useRested(order)
  const seen = useQuery({ ...preview(rested), enabled: !isWrong && rested.app !== '' && rested.plan !== '' })
  const create = useMutation({
    mutationFn: ({ confirm }: { confirm?: string }) => place(order, seen.data, confirm),
    onSuccess: onOrdered,
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (plan && app && !isWrong && !create.isPending) create.mutate({})
  }

  const happens = (
    <WhatHappens
      app={app}
      plan={plan}
      region={host?.region.name}
      shown={seen.error || isWrong ? undefined : seen.data}
      error={seen.error}
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
        {plansError ? (
          <Failed what="The plans" error={plansError} onRetry={refetch} />
        ) : !plans ? (
          <Loading rows={2} />
        ) : (
          <PlanChoice plans={plans} chosen={plan} onChoose={(one) => onPlan(planWord(one.name))} />
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
          <Refusal error={create.error} isBusy={create.isPending} onConfirm={() => create.mutate({ confirm: app })} />
        )}
        {actions(
          <Button type="submit" look="primary" disabled={!plan || !app} isBusy={create.isPending}>
            Add add-on
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

function Refusal({ error, isBusy, onConfirm }: { error: Error; isBusy: boolean; onConfirm(): void }) {
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
