import type { SniEndpoint } from '@mortise/contract/platform-api/domains'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { TextArea } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { None, Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'
import { certificates } from './queries.js'

const dayMs = 24 * 60 * 60_000
/** From when on a certificate that ends is worth a warning. */
const soonDays = 30

type Asked = { verb: 'add' } | { verb: 'renew' | 'remove'; endpoint: SniEndpoint }

/** With what the app answers TLS. Which domain is served with which is chosen at the domain. */
export function Certificates({ app }: { app: string }) {
  const read = useQuery(certificates(app))
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  return (
    <Section
      title="Certificates"
      count={read.data?.length}
      action={
        <Button size="small" onClick={() => setAsked({ verb: 'add' })}>
          Add a certificate
        </Button>
      }
    >
      <Loaded
        read={read}
        what="The certificates"
        rows={1}
        empty={<None>None yet. With one, the app answers https on the domains that it names.</None>}
      >
        {(data) => (
          <ul className={rows}>
            {data.map((endpoint) => (
              <Row
                key={endpoint.id}
                endpoint={endpoint}
                onRenew={() => setAsked({ verb: 'renew', endpoint })}
                onRemove={() => setAsked({ verb: 'remove', endpoint })}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {asked && asked.verb !== 'remove' && (
        <GivePair app={app} endpoint={asked.verb === 'renew' ? asked.endpoint : undefined} onClose={close} />
      )}
      {asked?.verb === 'remove' && <RemoveCertificate app={app} endpoint={asked.endpoint} onClose={close} />}
    </Section>
  )
}

interface RowProps {
  endpoint: SniEndpoint
  onRenew(): void
  onRemove(): void
}

function Row({ endpoint: { name, domains, ssl_cert: certificate }, onRenew, onRemove }: RowProps) {
  const leftDays = Math.floor((Date.parse(certificate.expires_at) - Date.now()) / dayMs)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
        <p className="font-medium [overflow-wrap:anywhere]">{certificate.cert_domains.join(', ')}</p>
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          {name} · {usedBy(domains.length)}
        </p>
        <p className="text-muted text-sm">
          {leftDays < 0 ? 'Ended on ' : 'Ends on '}
          <time dateTime={certificate.expires_at}>
            {new Date(certificate.expires_at).toLocaleDateString(undefined, { dateStyle: 'medium' })}
          </time>
        </p>
      </div>
      {certificate['self_signed?'] && <Badge tone="warn">Signed by itself</Badge>}
      {leftDays < 0 ? (
        <Badge tone="bad">Ended</Badge>
      ) : (
        leftDays <= soonDays && <Badge tone="warn">Ends in {leftDays} days</Badge>
      )}
      <div className="flex gap-1 max-sm:-ml-3 sm:-mr-3">
        <Button look="ghost" size="small" aria-label={`Replace ${name}`} onClick={onRenew}>
          Replace
        </Button>
        <Button look="ghost" size="small" aria-label={`Remove ${name}`} onClick={onRemove}>
          Remove
        </Button>
      </div>
    </li>
  )
}

const usedBy = (domains: number) =>
  domains === 0 ? 'no domain uses it' : domains === 1 ? 'used by one domain' : `used by ${domains} domains`

/** A certificate and its key: a new one, or another in the place of one that is there. */
function GivePair({ app, endpoint, onClose }: { app: string; endpoint?: SniEndpoint; onClose(): void }) {
  const [chain, setChain] = useState('')
  const [key, setKey] = useState('')
  const body = { certificate_chain: chain, private_key: key }
  const give = useAppChange(app, onClose, {
    // The key is kept no longer than it is on its way.
    gcTime: 0,
    mutationFn: () =>
      endpoint
        ? api.call(routes.sniEndpoints.update, { params: { app, sni_endpoint: endpoint.id }, body })
        : api.call(routes.sniEndpoints.create, { params: { app }, body }),
    said: (given) =>
      endpoint
        ? `${given.name} is replaced, without a break for its domains.`
        : `The certificate is added as ${given.name}. Choose it at the domains that it is for.`,
  })
  const isReady = chain.trim() !== '' && key.trim() !== ''
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !give.isPending) give.mutate()
  }
  return (
    <Dialog
      title={endpoint ? `Replace ${endpoint.name}` : 'Add a certificate'}
      lead="Both in PEM, as your certificate authority gave them. The key is sealed and never shown again."
      onClose={onClose}
      isWide
    >
      <form onSubmit={submit} className="grid gap-5">
        <TextArea
          label="Certificate chain"
          hint="The certificate first, then those that vouch for it."
          placeholder="-----BEGIN CERTIFICATE-----"
          rows={6}
          isName
          maxLength={65_536}
          value={chain}
          onChange={(event) => setChain(event.target.value)}
        />
        <TextArea
          label="Private key"
          placeholder="-----BEGIN PRIVATE KEY-----"
          rows={6}
          isName
          maxLength={65_536}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        {give.error && <Notice tone="bad">{sentenceOf(give.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isReady} isBusy={give.isPending}>
            {endpoint ? 'Replace certificate' : 'Add certificate'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function RemoveCertificate({ app, endpoint, onClose }: { app: string; endpoint: SniEndpoint; onClose(): void }) {
  const { name, domains } = endpoint
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.sniEndpoints.remove, { params: { app, sni_endpoint: endpoint.id } }),
    said: () => `The certificate ${name} is removed.`,
  })
  return (
    <Confirm
      title={`Remove ${name}?`}
      lead={
        domains.length
          ? 'The domains that use it stay, and answer https no longer.'
          : 'No domain uses it. Its key is destroyed.'
      }
      verb="Remove"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
