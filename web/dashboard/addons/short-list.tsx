import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import { Link } from '@tanstack/react-router'
import { Badge, Name } from '../../kit/badge.js'
import { Monogram } from '../../kit/mark.js'
import { rows } from '../../kit/page.js'
import { priceLine } from '../../price.js'
import { shown } from '../progress.js'
import { OpenAddon } from './open-addon.js'
import { planOf, useServiceName } from './words.js'

interface ListProps {
  app: string
  addons: Addon[]
  attachments: Attachment[]
}

/** An app's add-ons at a glance; whatever can be done with one is on the page of resources. */
export function ShortList({ app, addons, attachments }: ListProps) {
  return (
    <ul className={rows}>
      {addons.map((addon) => (
        <Row
          key={addon.id}
          app={app}
          addon={addon}
          attachments={attachments.filter((attachment) => attachment.addon.id === addon.id)}
        />
      ))}
    </ul>
  )
}

function Row({ app, addon, attachments }: { app: string; addon: Addon; attachments: Attachment[] }) {
  const humanName = useServiceName(addon)
  const state = shown(addon.state)
  // The names as this app sees them; an add-on's own list is the one of its billing app.
  const names = [...new Set(attachments.flatMap((attachment) => attachment.config_vars ?? addon.config_vars))]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-5 py-4" data-addon={addon.name}>
      <div className="max-sm:hidden">
        <Monogram name={humanName} />
      </div>
      <div className="grid min-w-0 flex-1 basis-64 gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-semibold">
            <Link to="/dashboard/apps/$app/resources" params={{ app }} className="rounded hover:text-accent">
              {humanName}
            </Link>
          </h3>
          <Badge tone={state.tone} dot>
            {state.word}
          </Badge>
        </div>
        <p className="flex flex-wrap items-center gap-1.5 text-muted text-sm">
          {names.map((name) => (
            <Name key={name}>{name}</Name>
          ))}
          {addon.app.name !== app && <span>of {addon.app.name}</span>}
        </p>
      </div>
      <p className="text-sm">
        <span className="font-medium">{planOf(addon)}</span>
        <span className="text-muted"> · {priceLine(addon.billed_price)}</span>
      </p>
      <OpenAddon addon={addon} />
    </li>
  )
}
