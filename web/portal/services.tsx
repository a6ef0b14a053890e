import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../kit/badge.js'
import { CopyLine } from '../kit/copy.js'
import { InspectionBadge } from '../kit/inspection-badge.js'
import { Loaded } from '../kit/loaded.js'
import { Monogram } from '../kit/mark.js'
import { Page, rows, Section } from '../kit/page.js'
import { Empty } from '../kit/state.js'
import { services } from './queries.js'
import { stageOf } from './words.js'

/** The services that whoever is signed in offers. */
export function Services() {
  const read = useQuery(services)
  return (
    <Page title="Your services" lead="What you offer as add-ons, and how it does.">
      <Loaded
        read={read}
        what="Your services"
        empty={
          <Empty title="You offer no service yet" action={<CopyLine text="mortise provider init fast-db" />}>
            A first push of a manifest makes a service. This begins one that works:
          </Empty>
        }
      >
        {(data) => (
          <Section title="Services" count={data.length}>
            <ul className={rows}>
              {data.map((one) => (
                <li key={one.id}>
                  <Link
                    to="/portal/$service"
                    params={{ service: one.name }}
                    className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4 -outline-offset-2 hover:bg-sunken"
                  >
                    <Monogram name={one.human_name} />
                    <span className="grid min-w-0 flex-1 basis-40">
                      <span className="font-medium [overflow-wrap:anywhere]">{one.human_name}</span>
                      <span className="text-muted text-sm">{one.name}</span>
                    </span>
                    <InspectionBadge inspection={one.inspection} />
                    <Badge tone={stageOf(one.state).tone}>{stageOf(one.state).word}</Badge>
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
        )}
      </Loaded>
    </Page>
  )
}
