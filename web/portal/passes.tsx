import type { Plan } from '@mortise/contract/platform-api/catalog'
import type { PlanPass } from '@mortise/contract/platform-api/provider-portal'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../api.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { Choice, Field } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { card, rows, Section } from '../kit/page.js'
import { Empty, Notice } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'
import { looked, passes } from './queries.js'

/** Whom the provider lets in before others, by e-mail. */
export function Passes({ slug, plans }: { slug: string; plans: readonly Plan[] }) {
  const read = useQuery(passes(slug))
  const [leaving, setLeaving] = useState<PlanPass>()
  return (
    <Section title="Plan passes" count={read.data?.length}>
      <p className="mb-4 max-w-3xl text-muted">
        A pass lets somebody see and order what is not for everybody: the service while it is in alpha, an invite-only
        plan, or one that is deprecated. They need no account yet.
      </p>
      <Give slug={slug} plans={plans} />
      <Loaded read={read} what="The passes" rows={1} empty={<Empty title="Nobody has a pass">Give one above.</Empty>}>
        {(data) => (
          <ul className={rows}>
            {data.map((pass) => (
              <li key={pass.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
                <p className="min-w-0 flex-1 basis-52 [overflow-wrap:anywhere]">
                  <span className="font-medium">{pass.email}</span>
                  <span className="block text-muted text-sm">
                    {forWhat(pass, slug)} · <TimeAgo at={pass.created_at} />
                  </span>
                </p>
                <Button size="small" aria-label={`Withdraw the pass of ${pass.email}`} onClick={() => setLeaving(pass)}>
                  Withdraw
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {leaving && <Withdraw slug={slug} pass={leaving} onClose={() => setLeaving(undefined)} />}
    </Section>
  )
}

const forWhat = ({ plan }: PlanPass, slug: string) =>
  plan ? `The plan ${String(plan['name']).slice(slug.length + 1)}` : 'The service, while it is in alpha'

function Give({ slug, plans }: { slug: string; plans: readonly Plan[] }) {
  const say = useSay()
  const [email, setEmail] = useState('')
  const [plan, setPlan] = useState('')
  const give = useMutation({
    mutationFn: () =>
      api.call(routes.providerPortal.givePass, {
        params: { slug },
        body: { email: email.trim(), ...(plan ? { plan } : {}) },
      }),
    async onSuccess(pass) {
      say(`${pass.email} has a pass.`)
      setEmail('')
      await looked()
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (email.trim() && !give.isPending) give.mutate()
  }
  return (
    <form onSubmit={submit} className={`mb-4 grid gap-4 p-5 ${card}`}>
      <div className="grid items-end gap-4 sm:grid-cols-[1fr_1fr_auto]">
        <Field
          label="E-mail"
          type="email"
          name="pass-email"
          autoComplete="off"
          placeholder="grace@example.com"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Choice label="For" value={plan} onChange={(event) => setPlan(event.target.value)}>
          <option value="">The service, while it is in alpha</option>
          {plans.map((one) => (
            <option key={one.id} value={one.id}>
              {one.human_name}
            </option>
          ))}
        </Choice>
        <Button type="submit" look="primary" disabled={!email.trim()} isBusy={give.isPending}>
          Give a pass
        </Button>
      </div>
      {give.error && <Notice tone="bad">{sentenceOf(give.error)}</Notice>}
    </form>
  )
}

function Withdraw({ slug, pass, onClose }: { slug: string; pass: PlanPass; onClose(): void }) {
  const say = useSay()
  const withdraw = useMutation({
    mutationFn: () => api.call(routes.providerPortal.withdrawPass, { params: { slug, pass: pass.id } }),
    async onSuccess() {
      say(`The pass of ${pass.email} is withdrawn.`)
      onClose()
      await looked()
    },
  })
  return (
    <Confirm
      title={`Withdraw the pass of ${pass.email}?`}
      lead="They can order nothing new by it. Add-ons that they have stay."
      verb="Withdraw"
      isBusy={withdraw.isPending}
      error={withdraw.error}
      onConfirm={() => withdraw.mutate()}
      onClose={onClose}
    />
  )
}
