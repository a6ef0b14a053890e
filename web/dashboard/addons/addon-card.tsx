import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge, Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Monogram } from '../../kit/mark.js'
import { card } from '../../kit/page.js'
import { perHour, priceLine } from '../../price.js'
import { shown } from '../progress.js'
import { attachmentsOf } from '../resources.js'
import { AddonActions, OpenAddon } from './open-addon.js'
import { isBusy, planOf, serviceOf, useServiceName } from './words.js'

interface CardProps {
  app: string
  addon: Addon
  /** Those on this app, which are known before the add-on's others. */
  attachments: Attachment[]
  onChangePlan(): void
  onAttach(): void
  onDetach(attachment: Attachment): void
  onRemove(): void
}

export function AddonCard({ app, addon, attachments, onChangePlan, onAttach, onDetach, onRemove }: CardProps) {
  const humanName = useServiceName(addon)
  const state = shown(addon.state)
  const isOurs = addon.app.name === app
  const isReady = addon.state === 'provisioned'
  return (
    <li className={`overflow-hidden ${card}`} data-addon={addon.name}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3 p-5">
        <div className="max-sm:hidden">
          <Monogram name={humanName} />
        </div>
        <div className="grid min-w-0 flex-1 basis-60 gap-0.5">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h3 className="font-semibold">
              <Link
                to="/marketplace/$service"
                params={{ service: serviceOf(addon) }}
                className="rounded hover:text-accent"
              >
                {humanName}
              </Link>
            </h3>
            <Badge tone={state.tone} dot>
              {state.word}
            </Badge>
          </div>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">
            <Link
              to="/dashboard/apps/$app/resources/$addon"
              params={{ app, addon: addon.name }}
              className="rounded font-mono text-[0.8125rem] underline underline-offset-2 hover:text-accent"
            >
              {addon.name}
            </Link>
            {!isOurs && (
              <>
                {' · of '}
                <Link
                  to="/dashboard/apps/$app/resources"
                  params={{ app: addon.app.name }}
                  className="underline underline-offset-2"
                >
                  {addon.app.name}
                </Link>
              </>
            )}
          </p>
          {addon.provision_message && (isBusy(addon) || isReady) && (
            <p className="mt-1 text-soft text-sm [overflow-wrap:anywhere]">{addon.provision_message}</p>
          )}
        </div>
        <div className="text-sm sm:text-right">
          <p>
            <span className="font-medium">{planOf(addon)}</span>
            <span className="text-muted"> · {priceLine(addon.billed_price)}</span>
          </p>
          {addon.billed_price.cents > 0 && perHour(addon.billed_price) !== '—' && (
            <p className="text-muted">{perHour(addon.billed_price)} an hour</p>
          )}
        </div>
      </div>
      <Attachments app={app} addon={addon} here={attachments} onDetach={onDetach} />
      <div className="flex flex-wrap items-center gap-2 border-line border-t px-5 py-3 empty:hidden">
        <OpenAddon addon={addon} />
        {isOurs && <AddonActions addon={addon} />}
        {isOurs && isReady && (
          <>
            <Button size="small" aria-label={`Change plan of ${addon.name}`} onClick={onChangePlan}>
              Change plan
            </Button>
            <Button size="small" aria-label={`Attach to another app: ${addon.name}`} onClick={onAttach}>
              Attach to another app
            </Button>
          </>
        )}
        {isOurs && addon.state !== 'deprovisioning' && (
          <Button
            look="ghost"
            size="small"
            aria-label={`Remove ${addon.name}`}
            onClick={onRemove}
            className="sm:-mr-3 sm:ml-auto"
          >
            {addon.state === 'provisioning' ? 'Cancel and remove' : 'Remove'}
          </Button>
        )}
      </div>
    </li>
  )
}

type AttachmentsProps = Pick<CardProps, 'app' | 'addon' | 'onDetach'> & { here: Attachment[] }

/** Under which names, in which apps; those on this app first. */
function Attachments({ app, addon, here, onDetach }: AttachmentsProps) {
  const isOurs = addon.app.name === app
  const all = useQuery({ ...attachmentsOf(app, addon.id), enabled: isOurs })
  const elsewhere = isOurs ? (all.data ?? []).filter((one) => one.app.name !== app) : []
  const ofBillingApp = here.filter((one) => one.app.id === addon.app.id)
  if (here.length + elsewhere.length === 0) return null
  return (
    <ul className="border-line border-t" aria-label={`Where ${addon.name} is attached`}>
      {[...here, ...elsewhere].map((attachment) => {
        const names = attachment.config_vars ?? (attachment.app.id === addon.app.id ? addon.config_vars : [])
        // The last one on the app that pays goes with the add-on, never alone.
        const isLast = ofBillingApp.length === 1 && attachment.id === ofBillingApp[0]?.id
        return (
          <li
            key={attachment.id}
            className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1.5 border-line px-5 py-2.5 not-first:border-t sm:grid-cols-[minmax(8rem,1fr)_minmax(8rem,1fr)_2fr_5rem]"
          >
            <p className="min-w-0 font-medium font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
              {attachment.name}
              {attachment.namespace && (
                <span className="block font-normal font-sans text-muted">{credentialOf(attachment.namespace)}</span>
              )}
            </p>
            <p className="text-sm max-sm:col-start-1 max-sm:row-start-2">
              {attachment.app.name === app ? (
                <span className="text-muted">on this app</span>
              ) : (
                <Link
                  to="/dashboard/apps/$app/resources"
                  params={{ app: attachment.app.name }}
                  className="underline underline-offset-2"
                >
                  {attachment.app.name}
                </Link>
              )}
            </p>
            <p className="flex min-w-0 flex-wrap gap-1.5 max-sm:col-start-1 max-sm:row-start-3">
              {names.map((name) => (
                <Name key={name}>{name}</Name>
              ))}
            </p>
            <div className="-my-1 justify-self-end max-sm:col-start-2 max-sm:row-start-1 -mr-3">
              {!isLast && addon.state === 'provisioned' && (
                <Button
                  look="ghost"
                  size="small"
                  aria-label={`Detach ${attachment.name} from ${attachment.app.name}`}
                  onClick={() => onDetach(attachment)}
                >
                  Detach
                </Button>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

/** `credential:reporting` → `Credential reporting`. */
const credentialOf = (namespace: string) =>
  namespace.startsWith('credential:') ? `Credential ${namespace.slice('credential:'.length)}` : namespace
