import type { Pulse } from '@mortise/contract/platform-api/pulse'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartLater } from '../kit/chart-later.js'
import { Loaded } from '../kit/loaded.js'
import { card } from '../kit/page.js'
import { needsOf } from './needs.js'
import { pulse } from './queries.js'

/** In one look whether all is well, what to do if not, and how it came to that. */
export function PulseView() {
  const read = useQuery(pulse)
  return (
    <section aria-label="How things are" className="mb-12">
      <Loaded read={read} what="How things are" rows={2} height="h-24">
        {(data) => <Shown data={data} />}
      </Loaded>
    </section>
  )
}

function Shown({ data }: { data: Pulse }) {
  const needs = needsOf(data, Date.parse(data.at))
  const { running, waiting, parked } = data.operations
  const newest = data.series.at(-1)
  return (
    <div className="grid grid-cols-1 gap-4">
      {needs.length === 0 ? (
        <div className="flex items-center gap-3 rounded-card bg-good-soft px-5 py-4 text-good">
          <svg
            viewBox="0 0 16 16"
            aria-hidden="true"
            className="size-5 shrink-0"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
          >
            <path d="m3 8.5 3.2 3L13 4.5" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
          <p className="font-semibold">All is well. Nothing needs you.</p>
        </div>
      ) : (
        <div className="rounded-card bg-warn-soft px-5 py-4 text-warn">
          <h2 className="font-semibold">
            {needs.length === 1 ? 'One thing needs you' : `${needs.length} things need you`}
          </h2>
          <ul className="mt-2 grid gap-2 text-sm">
            {needs.map((need) => (
              <li key={need.says}>
                <Link to={need.to} className="font-medium underline underline-offset-2">
                  {need.says}
                </Link>
                . {need.todo}
              </li>
            ))}
          </ul>
        </div>
      )}
      <dl className={`grid grid-cols-2 gap-x-6 gap-y-4 px-5 py-4 sm:grid-cols-4 ${card}`}>
        <Depth
          name="Operations"
          value={running + waiting + parked + data.operations.stuck}
          note={`${running} run · ${waiting} wait · ${parked} parked`}
        />
        <Depth name="Rolls" value={newest?.rolls ?? 0} note="apps that take up a release" />
        <Depth name="Webhooks" value={newest?.webhook_deliveries ?? 0} note="deliveries to be made" />
        <Depth name="Debts" value={newest?.debts ?? 0} note="resources to be removed" />
      </dl>
      <div className={`px-5 py-4 ${card}`}>
        <ChartLater
          title="What waited, over the last hour"
          times={data.series.map((one) => one.at)}
          lines={[
            { name: 'Operations', colour: 'text-accent', values: data.series.map((one) => one.operations) },
            { name: 'Rolls', colour: 'text-good', dash: [6, 3], values: data.series.map((one) => one.rolls) },
            {
              name: 'Webhooks',
              colour: 'text-muted',
              dash: [2, 3],
              values: data.series.map((one) => one.webhook_deliveries),
            },
            { name: 'Debts', colour: 'text-warn', dash: [8, 3, 2, 3], values: data.series.map((one) => one.debts) },
          ]}
        />
      </div>
    </div>
  )
}

function Depth({ name, value, note }: { name: string; value: number; note: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-sm">{name}</dt>
      <dd className="font-semibold text-xl tabular-nums">{value.toLocaleString('en-US')}</dd>
      <dd className="text-muted text-xs">{note}</dd>
    </div>
  )
}
