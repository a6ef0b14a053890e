import type { Operation, StoryLine } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { Badge } from '../kit/badge.js'
import { card, Section } from '../kit/page.js'
import { TimeAgo } from '../kit/time-ago.js'
import { operationShown, titleOf } from '../operator/words.js'
import { nextStep, operationsOfAddon, operationsOfApp, worthShowing } from './operations.js'

/**
 * What is being done to an app or to one add-on, step by step as it happens, and what just failed, in the provider's words
 * and with what to do next. Nothing when nothing is.
 */
export function UnderWay({ app, addon }: { app: string; addon?: string }) {
  const ofApp = useQuery({ ...operationsOfApp(app), enabled: addon === undefined })
  const ofAddon = useQuery({ ...operationsOfAddon(app, addon ?? ''), enabled: addon !== undefined })
  const shown = worthShowing((addon === undefined ? ofApp : ofAddon).data ?? [], Date.now())
  if (shown.length === 0) return null
  return (
    <Section title="Under way">
      <div className="grid gap-4">
        {shown.map((operation) => (
          <Progress key={operation.id} operation={operation} />
        ))}
      </div>
    </Section>
  )
}

const failed = new Set<Operation['state']>(['unwound', 'stuck'])

/** One story as a list of its steps: what is done, and what it waits for now. */
export function Progress({ operation }: { operation: Operation }) {
  const { state, story = [], waits } = operation
  const isFailed = failed.has(state)
  const badge = operationShown[state]
  // What it waits for is said at the end, for as long as it does.
  const steps = waits
    ? story.filter((line, index) => index < story.length - 1 || !line.text.startsWith('Waits until'))
    : story
  return (
    <article className={`grid gap-4 p-5 ${card}`} data-operation={operation.id}>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold [overflow-wrap:anywhere]">{titleOf(operation)}</h3>
        <Badge tone={isFailed ? 'bad' : badge.tone} dot>
          {state === 'unwound' ? 'Did not work' : badge.word}
        </Badge>
        <span className="text-muted text-sm">
          <TimeAgo at={operation.created_at} />
        </span>
      </header>
      <ol className="grid gap-2.5 text-sm">
        {steps.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a story only grows at its end.
          <Step key={index} line={line} />
        ))}
        {!operation.ended_at && <Now waits={waits} />}
      </ol>
      {isFailed && (
        <div role="status" className="grid gap-1 rounded-lg bg-bad-soft px-4 py-3 text-bad text-sm">
          {operation.reason && <p className="font-medium [overflow-wrap:anywhere]">{operation.reason}</p>}
          <p>{nextStep(operation, story)}</p>
        </div>
      )}
    </article>
  )
}

function Step({ line }: { line: StoryLine }) {
  const isBad = line.answer !== undefined && !fine.has(line.answer.class)
  return (
    <li className="grid grid-cols-[1rem_1fr] gap-x-3">
      <svg viewBox="0 0 16 16" aria-hidden="true" className="mt-[3px] size-4" fill="none" strokeWidth="1.75">
        {isBad ? (
          <path d="M8 3.5v5.5M8 12v.5" strokeLinecap="round" className="stroke-warn" />
        ) : (
          <path d="m3.5 8.5 3 3 6-7" strokeLinecap="round" strokeLinejoin="round" className="stroke-good" />
        )}
      </svg>
      <p className="text-soft [overflow-wrap:anywhere]">{line.text}</p>
    </li>
  )
}

/** Answers after which it goes on as it was meant to. */
const fine = new Set(['ok', 'accepted', 'gone', 'later'])

function Now({ waits }: { waits: Operation['waits'] }) {
  return (
    <li className="grid grid-cols-[1rem_1fr] gap-x-3">
      <span aria-hidden="true" className="mt-[7px] ml-1 size-2 animate-breathe rounded-full bg-accent" />
      <p className="font-medium [overflow-wrap:anywhere]">
        {waits ? `Waits for ${waits.for}` : 'Under way'}
        {waits?.until && (
          <span className="font-normal text-muted">
            , until <time dateTime={waits.until}>{new Date(waits.until).toLocaleString()}</time> at most
          </span>
        )}
      </p>
    </li>
  )
}
