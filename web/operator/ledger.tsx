import type { LedgerEntry, ledgerVerbs } from '@mortise/contract/platform-api/operations'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { Field } from '../kit/field.js'
import { rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'
import { ledger, looked } from './queries.js'
import { ledgerMeaning, ledgerShown } from './words.js'

type Verb = (typeof ledgerVerbs)[number]
const order: LedgerEntry['state'][] = ['stuck', 'owed', 'asked', 'watching', 'held', 'clear']

/** Every resource that was asked for and is not known to be gone; what needs somebody first. */
export function Ledger() {
  const { data, error, refetch } = useQuery(ledger)
  const [chosen, setChosen] = useState<{ entry: LedgerEntry; verb: Verb } | null>(null)
  if (error && !data) return <Failed what="The ledger" error={error} onRetry={refetch} />
  if (!data) return <Loading rows={5} />
  const sorted = [...data].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  return (
    <Section title="Resources at providers" count={data.length}>
      {sorted.length === 0 ? (
        <Empty title="Nothing is out there">Every resource that was ever asked for is known to be gone.</Empty>
      ) : (
        <ul className={rows}>
          {sorted.map((entry) => (
            <Row key={entry.id} entry={entry} onVerb={(verb) => setChosen({ entry, verb })} />
          ))}
        </ul>
      )}
      {chosen && <Act {...chosen} onClose={() => setChosen(null)} />}
    </Section>
  )
}

function Row({ entry, onVerb }: { entry: LedgerEntry; onVerb(verb: Verb): void }) {
  const { word, tone } = ledgerShown[entry.state]
  return (
    <li className="grid gap-x-4 gap-y-2 px-5 py-4 sm:grid-cols-[1fr_auto]">
      <div className="grid min-w-0 gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-medium [overflow-wrap:anywhere]">{entry.addon.name}</h3>
          <Badge tone={tone} dot>
            {word}
          </Badge>
          {entry.doubtful && <Badge tone="warn">In doubt</Badge>}
        </div>
        <p className="text-muted text-sm first-letter:uppercase [overflow-wrap:anywhere]">
          {entry.reason ?? ledgerMeaning[entry.state]}
        </p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {entry.addon_service.name}
          {entry.app && ` · ${entry.app.name}`}
          {entry.attempts > 0 && ` · ${entry.attempts} ${entry.attempts === 1 ? 'try' : 'tries'}`}
          {entry.last_answer && (
            <>
              {' · last answer '}
              {entry.last_answer.status ?? entry.last_answer.class} <TimeAgo at={entry.last_answer.at} />
            </>
          )}
          {entry.next_try_at && (
            <>
              {' · next try '}
              <time dateTime={entry.next_try_at}>{new Date(entry.next_try_at).toLocaleString()}</time>
            </>
          )}
        </p>
      </div>
      {entry.verbs.length > 0 && (
        <div className="flex flex-wrap items-start gap-2">
          {entry.verbs.map((verb) => (
            <Button
              key={verb}
              size="small"
              look={verb === 'forget' ? 'ghost' : 'secondary'}
              aria-label={`${verbs[verb].button} ${entry.addon.name}`}
              onClick={() => onVerb(verb)}
            >
              {verbs[verb].button}
            </Button>
          ))}
        </div>
      )}
    </li>
  )
}

const verbs: Record<Verb, { button: string; title: string; lead: string; said: string }> = {
  retry: {
    button: 'Ask again',
    title: 'Ask for its removal now?',
    lead: 'The provider is asked to remove it, as if its time had come.',
    said: 'The provider is asked again.',
  },
  adopt: {
    button: 'Adopt',
    title: 'Take it over?',
    lead: 'You looked at the provider and know that it is there. From now on the platform removes it by its id.',
    said: 'It is adopted.',
  },
  forget: {
    button: 'Forget',
    title: 'Forget it?',
    lead: 'The platform never asks about it again. If it is still there, whoever runs the provider pays for it.',
    said: 'It is forgotten.',
  },
}

function Act({ entry, verb, onClose }: { entry: LedgerEntry; verb: Verb; onClose(): void }) {
  const say = useSay()
  const [reason, setReason] = useState('')
  const [providerId, setProviderId] = useState('')
  const act = useMutation({
    mutationFn: () => {
      const ask = { params: { addon: entry.id } }
      const because = reason.trim()
      if (verb === 'retry') return api.call(routes.ledger.retry, { ...ask, body: because ? { reason: because } : {} })
      if (verb === 'forget') return api.call(routes.ledger.forget, { ...ask, body: { reason: because } })
      const its = providerId.trim() ? { provider_id: providerId.trim() } : {}
      return api.call(routes.ledger.adopt, { ...ask, body: { reason: because, ...its } })
    },
    async onSuccess() {
      say(verbs[verb].said)
      onClose()
      await looked()
    },
  })
  return (
    <Confirm
      title={verbs[verb].title}
      lead={verbs[verb].lead}
      verb={verbs[verb].button}
      isDanger={verb === 'forget'}
      typed={verb === 'forget' ? { what: 'the add-on', name: entry.addon.name } : undefined}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      {verb === 'adopt' && (
        <Field
          label="The provider’s id of it"
          hint="Only where the provider never told it."
          isName
          maxLength={1000}
          value={providerId}
          onChange={(event) => setProviderId(event.target.value)}
        />
      )}
      <Field
        label={verb === 'retry' ? 'Why (optional)' : 'Why'}
        hint="Kept on record, with your name."
        required={verb !== 'retry'}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </Confirm>
  )
}
