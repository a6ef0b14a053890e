import type { LedgerEntry, ledgerVerbs } from '@mortise/contract/platform-api/operations'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Field } from '../kit/field.js'
import { TimeAgo } from '../kit/time-ago.js'
import { VerbDialog, type VerbWords } from './verb-dialog.js'
import { ledgerMeaning, ledgerShown } from './words.js'

type Verb = (typeof ledgerVerbs)[number]

/** One resource at a provider: what is known of it, and what an operator may do about it. */
export function Entry({ entry }: { entry: LedgerEntry }) {
  const [verb, setVerb] = useState<Verb | null>(null)
  return (
    <>
      <Row entry={entry} onVerb={setVerb} />
      {verb && <Act entry={entry} verb={verb} onClose={() => setVerb(null)} />}
    </>
  )
}

function Row({ entry, onVerb }: { entry: LedgerEntry; onVerb(verb: Verb): void }) {
  const { word, tone } = ledgerShown[entry.state]
  return (
    <div className="grid gap-x-4 gap-y-2 px-5 py-4 sm:grid-cols-[1fr_auto]">
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
    </div>
  )
}

const verbs: Record<Verb, VerbWords> = {
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
  const [providerId, setProviderId] = useState('')
  function ask(because: { reason?: string }) {
    const of = { params: { addon: entry.id } }
    if (verb === 'retry') return api.call(routes.ledger.retry, { ...of, body: because })
    const { reason = '' } = because
    if (verb === 'forget') return api.call(routes.ledger.forget, { ...of, body: { reason } })
    const its = providerId.trim() ? { provider_id: providerId.trim() } : {}
    return api.call(routes.ledger.adopt, { ...of, body: { reason, ...its } })
  }
  return (
    <VerbDialog
      words={verbs[verb]}
      isDanger={verb === 'forget'}
      typed={verb === 'forget' ? { what: 'the add-on', name: entry.addon.name } : undefined}
      isReasonOptional={verb === 'retry'}
      ask={ask}
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
    </VerbDialog>
  )
}
