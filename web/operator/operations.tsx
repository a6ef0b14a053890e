import type { LedgerEntry, Operation } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { rowLink, rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { PulseView } from './pulse.js'
import { ledger, operations } from './queries.js'
import { operationShown, titleOf } from './words.js'

/** Stories by how much they need somebody: stuck first, then what is under way, then what ended lately. */
export function Operations() {
  const open = useQuery(operations('open'))
  const done = useQuery(operations('done'))
  const unwound = useQuery(operations('unwound'))
  const resources = useQuery(ledger)
  if (open.error && !open.data) return <Failed what="The operations" error={open.error} onRetry={open.refetch} />
  if (!open.data) return <Loading rows={5} />
  const owed = (resources.data ?? []).filter(({ state }) => state === 'stuck')
  const stuck = open.data.filter(({ state }) => state === 'stuck')
  const moving = open.data.filter(({ state }) => state !== 'stuck')
  const ended = [...(done.data ?? []), ...(unwound.data ?? [])].sort((a, b) => b.updated_at.localeCompare(a.updated_at))
  return (
    <>
      <PulseView />
      <Section title="Needs you" count={stuck.length + owed.length}>
        {stuck.length + owed.length ? (
          <ul className={rows}>
            {stuck.map((each) => (
              <Row key={each.id} operation={each} />
            ))}
            {owed.map((each) => (
              <Owed key={each.id} entry={each} />
            ))}
          </ul>
        ) : (
          <Empty title="Nothing is stuck">What providers did not do the first time is tried again by itself.</Empty>
        )}
      </Section>
      <Section title="Under way" count={moving.length}>
        {moving.length ? <List of={moving} /> : <p className="text-muted">Nothing at the moment.</p>}
      </Section>
      <Section title="Ended lately">
        {ended.length ? <List of={ended} /> : <p className="text-muted">Nothing has ended yet.</p>}
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
