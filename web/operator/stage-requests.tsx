import type { StageRequestToAnswer } from '@mortise/contract/platform-api/stage-requests'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Button } from '../kit/button.js'
import { Checklist } from '../kit/checklist.js'
import { rows, Section } from '../kit/page.js'
import { Failed } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { stageNoun } from '../portal/words.js'
import { stageRequests } from './queries.js'
import { VerbDialog } from './verb-dialog.js'

type Verb = 'grant' | 'decline'

/** Providers who ask that their service be moved on, as long as nobody answered; nothing at all when nobody asks. */
export function StageRequests() {
  const { data, error, refetch } = useQuery(stageRequests)
  const [chosen, setChosen] = useState<{ request: StageRequestToAnswer; verb: Verb }>()
  if (error && !data) return <Failed what="What providers ask for" error={error} onRetry={refetch} />
  if (!data?.length) return null
  return (
    <Section title="Asked to be moved on" count={data.length}>
      <ul className={rows}>
        {data.map((request) => (
          <Row key={request.id} request={request} onVerb={(verb) => setChosen({ request, verb })} />
        ))}
      </ul>
      {chosen && <Act {...chosen} onClose={() => setChosen(undefined)} />}
    </Section>
  )
}

function Row({ request, onVerb }: { request: StageRequestToAnswer; onVerb(verb: Verb): void }) {
  const { addon_service, asked_by, checks, created_at, current_stage, note, stage } = request
  const name = String(addon_service['name'])
  return (
    <li className="grid gap-x-6 gap-y-3 px-5 py-4 sm:grid-cols-[1fr_auto]">
      <div className="grid min-w-0 gap-2">
        <div className="grid gap-1">
          <h3 className="font-medium [overflow-wrap:anywhere]">
            {name} <span className="font-normal text-muted">from {stageNoun(current_stage)} to</span> {stageNoun(stage)}
          </h3>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            {asked_by && `${asked_by} · `}
            <TimeAgo at={created_at} />
          </p>
          {note && <p className="text-sm [overflow-wrap:anywhere]">“{note}”</p>}
        </div>
        {checks.length === 0 ? (
          <p className="text-muted text-sm">This stage asks for no checks.</p>
        ) : (
          <Checklist points={checks} held="Holds" />
        )}
      </div>
      <div className="flex flex-wrap items-start gap-2">
        <Button size="small" look="primary" aria-label={`Move on: ${name}`} onClick={() => onVerb('grant')}>
          Move on
        </Button>
        <Button size="small" aria-label={`Decline: ${name}`} onClick={() => onVerb('decline')}>
          Decline
        </Button>
      </div>
    </li>
  )
}

function Act({ request, verb, onClose }: { request: StageRequestToAnswer; verb: Verb; onClose(): void }) {
  const { addon_service, checks, id, stage } = request
  const name = String(addon_service['name'])
  const goal = stageNoun(stage)
  if (verb === 'decline') {
    return (
      <VerbDialog
        words={{
          button: 'Decline',
          title: `Decline the request of ${name}?`,
          lead: `It stays as it is. Its provider may ask for ${goal} again.`,
          said: `The request of ${name} is declined.`,
        }}
        reasonHint="Its provider reads this; it is kept on record, with your name."
        ask={({ reason = '' }) =>
          api.call(routes.stageRequests.decline, { params: { stage_request: id }, body: { reason } })
        }
        onClose={onClose}
      />
    )
  }
  const isReady = checks.every(({ holds }) => holds)
  return (
    <VerbDialog
      words={{
        button: `Move to ${goal}`,
        title: `Move ${name} to ${goal}?`,
        lead:
          (stage === 'ga'
            ? 'What is ordered from then on is billed; what was ordered before stays as it is.'
            : 'Everybody finds and orders it; nothing is billed.') +
          (isReady ? '' : ' Not all that is asked for holds: say why you go on without.'),
        said: `${name} is moved to ${goal}.`,
      }}
      isReasonOptional={isReady}
      ask={(because) =>
        api.call(routes.catalog.update, { params: { service: name }, body: { state: stage, ...because } })
      }
      onClose={onClose}
    />
  )
}
