import type { Formation } from '@mortise/contract/platform-api/dynos'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { rows, Section } from '../../kit/page.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { changed } from '../resources.js'
import { sizes } from './queries.js'

const quantityMax = 1_000
interface Wish {
  quantity: number
  size: string
}

/** Quantity and size of each process type, changed together. */
export function Scale({ app, formation }: { app: string; formation: Formation[] }) {
  const say = useSay()
  const { data: known } = useQuery(sizes)
  const [wishes, setWishes] = useState<Record<string, Wish>>({})
  const wishOf = (one: Formation): Wish => wishes[one.type] ?? { quantity: one.quantity, size: one.size }
  const updates = formation
    .map((one) => ({ type: one.type, ...wishOf(one), today: one }))
    .filter(({ quantity, size, today }) => quantity !== today.quantity || size !== today.size)
    .map(({ today, ...update }) => update)
  const apply = useMutation({
    mutationFn: () => api.call(routes.formation.updateAll, { params: { app }, body: { updates } }),
    async onSuccess() {
      say('The app is scaled.')
      await changed(app)
      setWishes({})
    },
  })
  const set = (one: Formation, wish: Partial<Wish>) =>
    setWishes((all) => ({ ...all, [one.type]: { ...wishOf(one), ...wish } }))
  function submit(event: FormEvent) {
    event.preventDefault()
    if (updates.length > 0 && !apply.isPending) apply.mutate()
  }
  return (
    <Section title="Formation">
      <form onSubmit={submit} className="grid gap-4">
        <ul className={rows}>
          {formation.map((one) => {
            const wish = wishOf(one)
            const names = [...new Set([wish.size, ...(known ?? []).map(({ name }) => name)])]
            return (
              <li
                key={one.type}
                className="flex flex-wrap items-center gap-x-5 gap-y-3 px-5 py-3.5"
                data-type={one.type}
              >
                <div className="min-w-0 flex-1 basis-48">
                  <p className="font-medium">{one.type}</p>
                  <code className="block truncate text-muted text-xs" title={one.command}>
                    {one.command}
                  </code>
                </div>
                <Stepper
                  label={`Quantity of ${one.type}`}
                  value={wish.quantity}
                  onChange={(quantity) => set(one, { quantity })}
                />
                <select
                  aria-label={`Size of ${one.type}`}
                  value={wish.size}
                  onChange={(event) => set(one, { size: event.target.value })}
                  className="h-9 rounded-lg border border-edge bg-surface px-2.5 text-sm hover:border-muted"
                >
                  {names.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </li>
            )
          })}
        </ul>
        {apply.error && <Notice tone="bad">{sentenceOf(apply.error)}</Notice>}
        {updates.length > 0 && (
          <div className="flex flex-wrap items-center justify-end gap-3">
            <p className="mr-auto text-muted text-sm" aria-live="polite">
              {updates.map(({ type, quantity, size }) => `${type} ${quantity} × ${size}`).join(', ')}
            </p>
            <Button onClick={() => setWishes({})}>Discard</Button>
            <Button type="submit" look="primary" isBusy={apply.isPending}>
              Apply
            </Button>
          </div>
        )}
      </form>
    </Section>
  )
}

/** A number with a button on either side; the field takes typing and the arrow keys as well. */
function Stepper({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }) {
  const step = (by: number) => onChange(Math.min(quantityMax, Math.max(0, value + by)))
  const button = 'grid size-9 place-items-center text-muted hover:bg-sunken hover:text-ink -outline-offset-2'
  return (
    <div className="flex overflow-hidden rounded-lg border border-edge bg-surface">
      <button type="button" aria-label={`One less: ${label}`} className={button} onClick={() => step(-1)}>
        −
      </button>
      <input
        type="number"
        inputMode="numeric"
        min={0}
        max={quantityMax}
        aria-label={label}
        value={value}
        onChange={(event) => {
          const wanted = event.target.valueAsNumber
          if (Number.isInteger(wanted) && wanted >= 0 && wanted <= quantityMax) onChange(wanted)
        }}
        className="w-12 border-line border-x bg-surface text-center text-sm tabular-nums -outline-offset-2 [appearance:textfield] [&::-webkit-inner-spin-button]:appearance-none"
      />
      <button type="button" aria-label={`One more: ${label}`} className={button} onClick={() => step(1)}>
        +
      </button>
    </div>
  )
}
