import type { LedgerEntry } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { rows, Section } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { Discrepancies } from './discrepancies.js'
import { Entry } from './ledger-entry.js'
import { ledger } from './queries.js'

const order: LedgerEntry['state'][] = ['stuck', 'owed', 'asked', 'watching', 'held', 'clear']

/** What is or may be out there: where providers' lists differ from the ledger, and the ledger. */
export function Ledger() {
  return (
    <>
      <Discrepancies />
      <Resources />
    </>
  )
}

/** Every resource that was asked for and is not known to be gone; what needs somebody first. */
function Resources() {
  const { data, error, refetch } = useQuery(ledger)
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
            <li key={entry.id}>
              <Entry entry={entry} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
