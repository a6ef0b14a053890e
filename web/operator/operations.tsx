import type { LedgerEntry, Operation } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { Loaded, together } from '../kit/loaded.js'
import { rowLink, rows, Section } from '../kit/page.js'
import { Empty, None } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { PulseView } from './pulse.js'
import { ledger, operations } from './queries.js'
import { operationShown, titleOf } from './words.js'

/** Stories by how much they need somebody: stuck first, then what is under way, then what ended lately. */
export function Operations() {
  const open = useQuery(operations('open'))
  const needing = together(open, useQuery(ledger))
  const ended = together(useQuery(operations('done')), useQuery(operations('unwound')))
  const stuck = (open.data ?? []).filter(({ state }) => state === 'stuck')
  const moving = (open.data ?? []).filter(({ state }) => state !== 'stuck')
  const owed = (needing.data?.[1] ?? []).filter(({ state }) => state === 'stuck')
  return (
    <>
      <PulseView />
      <Section title="Needs you" count={stuck.length + owed.length}>
        <Loaded
          read={needing}
          what="What needs you"
          rows={2}
          isEmpty={() => stuck.length + owed.length === 0}
          empty={
            <Empty title="Nothing is stuck">What providers did not do the first time is tried again by itself.</Empty>
          }
        >
          {() => (
            <ul className={rows}>
              {stuck.map((each) => (
                <Row key={each.id} operation={each} />
              ))}
              {owed.map((each) => (
                <Owed key={each.id} entry={each} />
              ))}
            </ul>
          )}
        </Loaded>
      </Section>
      <Section title="Under way" count={moving.length}>
        <Loaded
          read={open}
          what="What is under way"
          rows={1}
          isEmpty={() => moving.length === 0}
          empty={<None>Nothing at the moment.</None>}
        >
          {() => <List of={moving} />}
        </Loaded>
      </Section>
      <Section title="Ended lately">
        <Loaded
          read={ended}
          what="What ended lately"
          isEmpty={([done, unwound]) => done.length + unwound.length === 0}
          empty={<None>Nothing has ended yet.</None>}
        >
          {(all) => <List of={all.flat().sort((a, b) => b.updated_at.localeCompare(a.updated_at))} />}
        </Loaded>
      </Section>
    </>
  )
}

/** A resource that may be left at a provider: its story has ended, and the ledger goes on with it. */
function Owed({ entry }: { entry: LedgerEntry }) {
  return (
    <li className="group relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5 hover:bg-sunken">
      <div className="min-w-0">
        <Link to="/operator/ledger" className={`font-medium [overflow-wrap:anywhere] ${rowLink}`}>
          {entry.addon.name} at {entry.addon_service.name}
        </Link>
        <p className="text-muted text-sm first-letter:uppercase [overflow-wrap:anywhere]">{entry.reason}</p>
      </div>
      <Badge tone="bad" dot>
        Stuck
      </Badge>
    </li>
  )
}

function List({ of }: { of: Operation[] }) {
  return (
    <ul className={rows}>
      {of.map((each) => (
        <Row key={each.id} operation={each} />
      ))}
    </ul>
  )
}

function Row({ operation }: { operation: Operation }) {
  const { word, tone } = operationShown[operation.state]
  return (
    <li className="group relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5 hover:bg-sunken">
      <div className="min-w-0">
        <Link
          to="/operator/operations/$operation"
          params={{ operation: operation.id }}
          className={`font-medium [overflow-wrap:anywhere] ${rowLink}`}
        >
          {titleOf(operation)}
        </Link>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {operation.reason ?? (operation.waits ? `Waits for ${operation.waits.for}` : `At ${operation.step}`)}
          {' · '}
          <TimeAgo at={operation.updated_at} />
          {operation.app && <span className="max-sm:hidden"> · {operation.app.name}</span>}
        </p>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2">
        {operation.doubtful && operation.state !== 'done' && <Badge tone="warn">In doubt</Badge>}
        <Badge tone={tone} dot>
          {word}
        </Badge>
      </div>
    </li>
  )
}
