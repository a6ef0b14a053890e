import type { Operation, OperationVerb, StoryLine } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Back } from '../kit/back.js'
import { Badge, Name } from '../kit/badge.js'
import { Button, ButtonLink } from '../kit/button.js'
import { Choice } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { card, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { FactList } from './fact-list.js'
import { Entry } from './ledger-entry.js'
import { entry, operation } from './queries.js'
import { VerbDialog, type VerbWords } from './verb-dialog.js'
import { operationShown, titleOf } from './words.js'

/** One story, told from its beginning, and what an operator may do about it. */
export function OperationPage() {
  const { operation: id } = useParams({ from: '/signed/operator/operations/$operation' })
  const read = useQuery(operation(id))
  return (
    <>
      <Back to="/operator">Operations</Back>
      <Loaded
        read={read}
        what="The story"
        rows={5}
        missing={() => (
          <Empty title="No such operation" action={<ButtonLink to="/operator">See all operations</ButtonLink>}>
            What has ended is told for a while only.
          </Empty>
        )}
      >
        {(data) => <Told data={data} />}
      </Loaded>
    </>
  )
}

function Told({ data }: { data: Operation }) {
  const [verb, setVerb] = useState<OperationVerb | null>(null)
  const state = operationShown[data.state]
  return (
    <>
      <div className={`mb-10 grid gap-4 p-5 sm:p-6 ${card}`}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h2 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{titleOf(data)}</h2>
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
          {data.doubtful && data.state !== 'done' && <Badge tone="warn">In doubt</Badge>}
        </div>
        {data.reason && <p className="first-letter:uppercase [overflow-wrap:anywhere]">{data.reason}</p>}
        <Facts of={data} />
        {data.verbs.length > 0 && (
          <div className="flex flex-wrap gap-2">
            {data.verbs.map((each) => (
              <Button
                key={each}
                size="small"
                look={each === 'cancel' ? 'ghost' : 'secondary'}
                onClick={() => setVerb(each)}
              >
                {verbs[each].button}
              </Button>
            ))}
          </div>
        )}
      </div>
      {data.addon && <AtProvider addon={data.addon.id} />}
      <Section title="The story">
        <Story lines={data.story ?? []} />
      </Section>
      {verb && <Act operation={data} verb={verb} onClose={() => setVerb(null)} />}
    </>
  )
}

/** The resource itself, where something may be there: with the verbs of the ledger, which outlive the story. */
function AtProvider({ addon }: { addon: string }) {
  const read = useQuery(entry(addon))
  const isThere = read.data && read.data.state !== 'clear'
  if (!read.error && !isThere) return null
  return (
    <Section title="At the provider">
      <Loaded read={read} what="What the ledger knows" rows={1}>
        {(data) =>
          data && (
            <div className={card}>
              <Entry entry={data} />
            </div>
          )
        }
      </Loaded>
    </Section>
  )
}

function Facts({ of }: { of: Operation }) {
  const facts: [string, React.ReactNode][] = [
    ['Asked for by', of.actor.email],
    [
      'App',
      of.app ? (
        <Link
          key="app"
          to="/dashboard/apps/$app"
          params={{ app: of.app.name }}
          className="underline underline-offset-2"
        >
          {of.app.name}
        </Link>
      ) : (
        '–'
      ),
    ],
    ['Service', of.addon_service?.name ?? '–'],
    ['Began', <TimeAgo key="began" at={of.created_at} />],
    ['Tries', String(of.tries)],
    ['Waits for', of.waits ? <Waits key="waits" {...of.waits} /> : 'nobody'],
  ]
  return <FactList facts={facts} />
}

function Waits({ for: whom, until }: NonNullable<Operation['waits']>) {
  return (
    <>
      {whom}
      {until && (
        <>
          {whom === 'the next try' ? ', at ' : ', until '}
          <time dateTime={until}>{new Date(until).toLocaleString()}</time>
        </>
      )}
    </>
  )
}

const who: Record<StoryLine['who'], string> = {
  customer: 'Customer',
  operator: 'Operator',
  platform: 'Platform',
  provider: 'Provider',
}

export function Story({ lines }: { lines: readonly StoryLine[] }) {
  return (
    <ol className={`divide-y divide-line overflow-hidden ${card}`}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a story only grows at its end.
        <li key={index} className="grid gap-x-4 gap-y-1 px-5 py-3.5 sm:grid-cols-[8rem_1fr_auto]">
          <span className="font-medium text-muted text-sm">{who[line.who]}</span>
          <div className="grid min-w-0 gap-1.5">
            <p className="[overflow-wrap:anywhere]">{line.text}</p>
            {line.answer && (
              <p className="flex flex-wrap items-center gap-1.5 text-sm">
                <Name>{line.answer.class}</Name>
                {line.answer.status !== null && <Name>{line.answer.status}</Name>}
                {line.answer.note && <span className="text-muted [overflow-wrap:anywhere]">{line.answer.note}</span>}
              </p>
            )}
          </div>
          <span className="text-muted text-sm sm:text-right">
            <TimeAgo at={line.at} />
          </span>
        </li>
      ))}
    </ol>
  )
}

const verbs: Record<OperationVerb, VerbWords> = {
  retry: {
    button: 'Try again now',
    title: 'Try again now?',
    lead: 'The step it stands at runs again, as if its time had come. The provider is asked with the same uuid.',
    said: 'It is tried again.',
  },
  cancel: {
    button: 'Take back',
    title: 'Take it back?',
    lead: 'The customer’s side is undone at once. What may exist at the provider goes to the ledger and is removed there.',
    said: 'It is taken back.',
  },
  settle: {
    button: 'Settle the doubt',
    title: 'Was the plan changed?',
    lead: 'Look at the provider first. What you say here is what the customer gets and is billed for.',
    said: 'It is settled.',
  },
}

/** What takes something away from a customer names it first. */
function typedFor({ addon, app }: Operation) {
  if (addon) return { what: 'the add-on', name: addon.name }
  return app ? { what: 'the app', name: app.name } : undefined
}

function Act({ operation: of, verb, onClose }: { operation: Operation; verb: OperationVerb; onClose(): void }) {
  const [outcome, setOutcome] = useState<'changed' | 'unchanged'>('changed')
  function ask(because: { reason?: string }) {
    const params = { operation: of.id }
    if (verb === 'settle') return api.call(routes.operations.settle, { params, body: { outcome, ...because } })
    return api.call(routes.operations[verb], { params, body: because })
  }
  return (
    <VerbDialog
      words={verb === 'settle' ? { ...verbs.settle, button: 'Settle' } : verbs[verb]}
      isDanger={verb === 'cancel'}
      typed={verb === 'cancel' ? typedFor(of) : undefined}
      isReasonOptional={verb === 'retry'}
      reasonHint="Kept in the story, for whoever reads it later."
      ask={ask}
      onClose={onClose}
    >
      {verb === 'settle' && (
        <Choice
          label="The provider’s side"
          value={outcome}
          onChange={(event) => setOutcome(event.target.value as 'changed' | 'unchanged')}
        >
          <option value="changed">has the new plan</option>
          <option value="unchanged">has the old plan</option>
        </Choice>
      )}
    </VerbDialog>
  )
}
