import type { Discrepancy, discrepancyVerbs } from '@mortise/contract/platform-api/discrepancies'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { None } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { discrepancies, discrepanciesMax } from './queries.js'
import { VerbDialog, type VerbWords } from './verb-dialog.js'
import { discrepancyAdvice, discrepancyShown, listedAs } from './words.js'

type Verb = (typeof discrepancyVerbs)[number]

/** Where what providers list and the ledger do not agree, as long as nobody has looked. */
export function Discrepancies() {
  const read = useQuery(discrepancies)
  const [chosen, setChosen] = useState<{ it: Discrepancy; verb: Verb } | null>(null)
  return (
    <Section title="Lists that differ" count={read.data?.length}>
      <Loaded
        read={read}
        what="What differs"
        rows={1}
        empty={
          <None>
            Nothing is open. Only providers that can list what they keep are compared with the ledger; how that went
            last stands under{' '}
            <Link to="/operator/providers" className="text-ink underline underline-offset-2">
              Providers
            </Link>
            .
          </None>
        }
      >
        {(data) => (
          <>
            <ul className={rows}>
              {data.map((it) => (
                <Row key={it.id} it={it} onVerb={(verb) => setChosen({ it, verb })} />
              ))}
            </ul>
            {data.length >= discrepanciesMax && (
              <p className="mt-4 text-muted text-sm">The newest {discrepanciesMax} are shown; there may be more.</p>
            )}
          </>
        )}
      </Loaded>
      {chosen && <Act {...chosen} onClose={() => setChosen(null)} />}
    </Section>
  )
}

function Row({ it, onVerb }: { it: Discrepancy; onVerb(verb: Verb): void }) {
  const { word, tone } = discrepancyShown[it.kind]
  return (
    <li className="grid gap-x-4 gap-y-2 px-5 py-4 sm:grid-cols-[1fr_auto]">
      <div className="grid min-w-0 gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-medium [overflow-wrap:anywhere]">{listedAs(it)}</h3>
          <Badge tone={tone} dot>
            {word}
          </Badge>
        </div>
        <p className="text-muted text-sm first-letter:uppercase [overflow-wrap:anywhere]">
          {it.reason}. {discrepancyAdvice[it.kind]}
        </p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {it.addon_service.name}
          {it.provider_id !== null && it.provider_id !== listedAs(it) && ` · its id there ${it.provider_id}`}
          {' · found '}
          <TimeAgo at={it.found_at} />
          {' · last seen '}
          <TimeAgo at={it.seen_at} />
        </p>
      </div>
      {it.verbs.length > 0 && (
        <div className="flex flex-wrap items-start gap-2">
          {it.verbs.map((verb) => (
            <Button
              key={verb}
              size="small"
              look={verb === 'forget' ? 'ghost' : 'secondary'}
              aria-label={`${verbs[verb].button} ${listedAs(it)}`}
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

const verbs: Record<Verb, VerbWords> = {
  adopt: {
    button: 'Adopt',
    title: 'Adopt it, to be removed?',
    lead: 'It goes on the ledger, and the provider is asked to remove it with all that is in it. Be sure that no other platform uses it.',
    said: 'It is on the ledger, to be removed.',
  },
  forget: {
    button: 'Forget',
    title: 'Leave it as it is?',
    lead: 'Nothing is asked of the provider, and it is not shown here again, even where later lists differ in the same way.',
    said: 'It is left as it is.',
  },
}

function Act({ it, verb, onClose }: { it: Discrepancy; verb: Verb; onClose(): void }) {
  return (
    <VerbDialog
      words={verbs[verb]}
      isDanger={verb === 'adopt'}
      typed={
        it.addon ? { what: 'the add-on', name: it.addon.name } : { what: 'the provider', name: it.addon_service.name }
      }
      ask={({ reason = '' }) =>
        api.call(routes.discrepancies[verb], { params: { discrepancy: it.id }, body: { reason } })
      }
      onClose={onClose}
    >
      <p className="text-sm [overflow-wrap:anywhere]">
        <span className="text-muted">{it.addon_service.name}</span> {listedAs(it)}
      </p>
    </VerbDialog>
  )
}
