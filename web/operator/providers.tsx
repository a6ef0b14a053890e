import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import type { Pulse } from '@mortise/contract/platform-api/pulse'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { ButtonLink } from '../kit/button.js'
import { ChartLater } from '../kit/chart-later.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { providers, pulse } from './queries.js'
import { StageRequests } from './stage-requests.js'
import { conditionOf, errorRateOf, latencyOf } from './words.js'

/** How each provider did lately, and what waits for it; those in trouble first. */
export function Providers() {
  const read = useQuery(providers)
  const { data: flows } = useQuery(pulse)
  const minutes = Math.round((read.data?.[0]?.window ?? 3_600) / 60)
  return (
    <>
      <StageRequests />
      <Section title="Providers" count={read.data?.length}>
        <Loaded
          read={read}
          what="The providers"
          height="h-32"
          empty={
            <Empty
              title="There are no add-on services yet"
              action={<ButtonLink to="/portal">Offer a service</ButtonLink>}
            >
              A provider pushes its manifest, and is shown here.
            </Empty>
          }
        >
          {(data) => (
            <>
              <ul className={rows}>
                {sorted(data).map((one) => (
                  <Provider key={one.id} health={one} flow={flows?.providers.find((flow) => flow.id === one.id)} />
                ))}
              </ul>
              <p className="mt-4 max-w-3xl text-muted text-sm">
                Times and answers of the last {minutes} minutes. After five failures in a row a provider’s circuit
                opens: nothing is sent to it until the time shown, when one question goes ahead, and what waited
                follows.
              </p>
            </>
          )}
        </Loaded>
      </Section>
    </>
  )
}

const sorted = (all: readonly ProviderHealth[]) =>
  [...all].sort((a, b) => conditionOf(a).order - conditionOf(b).order || a.name.localeCompare(b.name))

function Provider({ health, flow }: { health: ProviderHealth; flow: Flow | undefined }) {
  const { word, tone } = conditionOf(health)
  const { circuit } = health
  return (
    <li className="grid grid-cols-1 gap-4 px-5 py-4">
      <div className="grid gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-medium [overflow-wrap:anywhere]">{health.name}</h3>
          <Badge tone={tone} dot>
            {word}
          </Badge>
        </div>
        {circuit.failures > 0 && (
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            {circuit.failures} {circuit.failures === 1 ? 'failure' : 'failures in a row'}
            {circuit.reason && `, the last: ${circuit.reason}`}
            {circuit.state === 'open' && circuit.retry_at && (
              <>
                {' · asked again '}
                <time dateTime={circuit.retry_at}>{new Date(circuit.retry_at).toLocaleTimeString()}</time>
              </>
            )}
          </p>
        )}
        {health.fault && (
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            It and this platform do not understand each other: {health.fault.note ?? health.fault.status}, at{' '}
            <time dateTime={health.fault.at}>{new Date(health.fault.at).toLocaleTimeString()}</time>
          </p>
        )}
        {health.comparison && (
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            {health.comparison.compared_at === null ? (
              'Its list was not compared with the ledger yet'
            ) : (
              <>
                {count(health.comparison.listed ?? 0)} listed, compared with the ledger{' '}
                <TimeAgo at={health.comparison.compared_at} />
              </>
            )}
            {health.comparison.outcome !== null &&
              health.comparison.outcome !== 'whole' &&
              ` · the last list could not be had: ${health.comparison.note ?? health.comparison.outcome}`}
            {health.discrepancies > 0 && (
              <>
                {' · '}
                <Link to="/operator/ledger" className="text-ink underline underline-offset-2">
                  {count(health.discrepancies)} {health.discrepancies === 1 ? 'differs' : 'differ'}
                </Link>
              </>
            )}
          </p>
        )}
      </div>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
        <Figure name="Answers within" value={latencyOf(health)} note="half · 95 % · 99 %" />
        <Figure
          name="Without a clear answer"
          value={errorRateOf(health)}
          note={`of ${count(health.questions)} asked`}
        />
        <Figure
          name="In flight"
          value={count(health.in_flight)}
          note={`${count(health.waiting)} wait · ${count(health.parked)} parked`}
        />
        <Figure
          name="On the ledger"
          value={`${count(health.held)} held`}
          note={`${count(health.owed)} owed · ${count(health.stuck)} stuck`}
        />
      </dl>
      {flow && <Flows name={health.name} flow={flow} />}
    </li>
  )
}

type Flow = Pulse['providers'][number]

/** How it was asked and answered, minute by minute. */
function Flows({ name, flow }: { name: string; flow: Flow }) {
  const times = flow.series.map((one) => one.at)
  return (
    <div className="grid grid-cols-1 gap-6 md:grid-cols-2">
      <ChartLater
        title={`Questions to ${name}`}
        times={times}
        height={120}
        lines={[
          { name: 'Asked', colour: 'text-accent', values: flow.series.map((one) => one.questions) },
          {
            name: 'Without a clear answer',
            colour: 'text-bad',
            dash: [4, 3],
            values: flow.series.map((one) => one.unclear),
          },
        ]}
      />
      <ChartLater
        title={`Half of the answers of ${name} within`}
        times={times}
        height={120}
        unit="ms"
        lines={[{ name: 'Milliseconds', colour: 'text-accent', values: flow.series.map((one) => one.latency_ms) }]}
      />
    </div>
  )
}

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-sm">{name}</dt>
      <dd className="font-medium tabular-nums [overflow-wrap:anywhere]">{value}</dd>
      <dd className="text-muted text-sm tabular-nums">{note}</dd>
    </div>
  )
}

const count = (of: number) => of.toLocaleString('en-US')
