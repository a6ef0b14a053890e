import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Badge, Name } from '../kit/badge.js'
import { Button, buttonClass } from '../kit/button.js'
import { Monogram, OutwardArrow } from '../kit/mark.js'
import { rows } from '../kit/page.js'
import { services } from '../marketplace/catalog-queries.js'
import { priceLine } from '../price.js'
import { shown } from './progress.js'
import { RemoveAddon } from './remove-addon.js'

export function Addons({ app, addons, attachments }: { app: string; addons: Addon[]; attachments: Attachment[] }) {
  const [removing, setRemoving] = useState<Addon | null>(null)
  return (
    <>
      <ul className={rows}>
        {addons.map((addon) => (
          <Row
            key={addon.id}
            app={app}
            addon={addon}
            attachments={attachments.filter((attachment) => attachment.addon.id === addon.id)}
            onRemove={() => setRemoving(addon)}
          />
        ))}
      </ul>
      {removing && <RemoveAddon app={app} addon={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

interface RowProps {
  app: string
  addon: Addon
  attachments: Attachment[]
  onRemove(): void
}

function Row({ app, addon, attachments, onRemove }: RowProps) {
  const { data: catalog } = useQuery(services)
  const serviceName = String(addon.addon_service['name'])
  const humanName = catalog?.find((service) => service.name === serviceName)?.human_name ?? serviceName
  const state = shown(addon.state)
  const isOurs = addon.app.name === app
  const isBusy = addon.state === 'provisioning' || addon.state === 'deprovisioning'
  // The names as this app sees them; an add-on's own list is the one of its billing app.
  const names = [...new Set(attachments.flatMap((attachment) => attachment.config_vars ?? addon.config_vars))]

  return (
    <li className="grid gap-4 p-5 sm:grid-cols-[auto_1fr_auto]" data-addon={addon.name}>
      <div className="max-sm:hidden">
        <Monogram name={humanName} />
      </div>
      <div className="grid min-w-0 gap-3">
        <div className="grid gap-0.5">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h3 className="font-semibold">
              <Link to="/marketplace/$service" params={{ service: serviceName }} className="rounded hover:text-accent">
                {humanName}
              </Link>
            </h3>
            <Badge tone={state.tone} dot>
              {state.word}
            </Badge>
          </div>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            <span className="font-mono text-[0.8125rem]">{addon.name}</span>
            {!isOurs && (
              <>
                {' '}
                · of{' '}
                <Link
                  to="/dashboard/apps/$app"
                  params={{ app: addon.app.name }}
                  className="underline underline-offset-2"
                >
                  {addon.app.name}
                </Link>
              </>
            )}
          </p>
        </div>
        {isBusy && addon.provision_message && <p className="text-soft text-sm">{addon.provision_message}</p>}
        <dl className="grid gap-2 text-sm">
          {attachments.length > 0 && (
            <Line label="Attached as">
              {attachments.map((attachment) => (
                <Name key={attachment.id}>{attachment.name}</Name>
              ))}
            </Line>
          )}
          {names.length > 0 && (
            <Line label="Config vars">
              {names.map((name) => (
                <Name key={name}>{name}</Name>
              ))}
            </Line>
          )}
        </dl>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3 sm:flex-col sm:items-end">
        <p className="text-sm sm:text-right">
          <span className="font-medium">{String(addon.plan.name).split(':').at(-1)}</span>
          <span className="text-muted"> · {priceLine(addon.billed_price)}</span>
        </p>
        <div className="flex gap-2">
          {addon.web_url && addon.state === 'provisioned' && (
            <a
              href={addon.web_url}
              target="_blank"
              rel="noopener"
              aria-label={`Open the dashboard of ${addon.name}`}
              className={buttonClass('secondary', 'small')}
            >
              Open
              <OutwardArrow />
            </a>
          )}
          {isOurs && addon.state !== 'deprovisioning' && (
            <Button
              look="ghost"
              size="small"
              aria-label={`Remove ${addon.name}`}
              onClick={onRemove}
              className="sm:-mr-3"
            >
              Remove
            </Button>
          )}
        </div>
      </div>
    </li>
  )
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6rem_1fr] items-baseline gap-x-3">
      <dt className="text-muted">{label}</dt>
      <dd className="flex min-w-0 flex-wrap gap-1.5">{children}</dd>
    </div>
  )
}
