import type { LedgerEntry } from '@mortise/contract/platform-api/operations'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
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
  const read = useQuery(ledger)
  return (
    <Section title="Resources at providers" count={read.data?.length}>
      <Loaded
        read={read}
        what="The ledger"
        rows={5}
        empty={<Empty title="Nothing is out there">Every resource that was ever asked for is known to be gone.</Empty>}
      >
        {(data) => (
          <ul className={rows}>
            {[...data]
              .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
              .map((entry) => (
                <li key={entry.id}>
                  <Entry entry={entry} />
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}
