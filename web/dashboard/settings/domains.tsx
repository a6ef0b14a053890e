import type { Domain, SniEndpoint } from '@mortise/contract/platform-api/domains'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge, Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'
import { certificates, domains } from './queries.js'

/** Names under which the app is reached, and what the DNS entry of each has to say. */
export function Domains({ app }: { app: string }) {
  const read = useQuery(domains(app))
  const [isAdding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Domain | null>(null)
  const { data: pairs } = useQuery(certificates(app))
  const [choosing, setChoosing] = useState<Domain | null>(null)
  return (
    <Section
      title="Domains"
      count={read.data?.length}
      action={
        <Button size="small" onClick={() => setAdding(true)}>
          Add a domain
        </Button>
      }
    >
      <Loaded read={read} what="The domains" rows={1}>
        {(data) => (
          <ul className={rows}>
            {data.map((domain) => (
              <li key={domain.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
                  <p className="font-medium [overflow-wrap:anywhere]">{domain.hostname}</p>
                  {domain.cname && (
                    <p className="text-muted text-sm">
                      Its DNS entry points to <Name>{domain.cname}</Name>
                    </p>
                  )}
                </div>
                {domain.kind === 'heroku' ? (
                  <Badge>Of the platform</Badge>
                ) : (
                  <>
                    <Badge tone={domain.sni_endpoint ? 'good' : 'neutral'}>
                      {domain.sni_endpoint ? `TLS by ${domain.sni_endpoint.name}` : 'No certificate'}
                    </Badge>
                    {(pairs?.length ?? 0) > 0 && (
                      <Button
                        look="ghost"
                        size="small"
                        aria-label={`Certificate of ${domain.hostname}`}
                        onClick={() => setChoosing(domain)}
                        className="max-sm:-ml-3"
                      >
                        Certificate
                      </Button>
                    )}
                    <Button
                      look="ghost"
                      size="small"
                      aria-label={`Remove ${domain.hostname}`}
                      onClick={() => setRemoving(domain)}
                      className="max-sm:-ml-3 sm:-mr-3"
                    >
                      Remove
                    </Button>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isAdding && <AddDomain app={app} onClose={() => setAdding(false)} />}
      {choosing && (
        <ChooseCertificate app={app} domain={choosing} all={pairs ?? []} onClose={() => setChoosing(null)} />
      )}
      {removing && <RemoveDomain app={app} domain={removing} onClose={() => setRemoving(null)} />}
    </Section>
  )
}

function AddDomain({ app, onClose }: { app: string; onClose(): void }) {
  const [hostname, setHostname] = useState('')
  const add = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.domains.create, { params: { app }, body: { hostname: hostname.trim() } }),
    said: (domain) => `${domain.hostname} leads to ${app}, as soon as its DNS entry points to ${domain.cname}.`,
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (hostname.trim() && !add.isPending) add.mutate()
  }
  return (
    <Dialog title="Add a domain" lead="Requests for this name reach the app at once." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="Hostname"
          name="hostname"
          isName
          required
          placeholder="www.example.com"
          maxLength={300}
          value={hostname}
          onChange={(event) => setHostname(event.target.value)}
        />
        {add.error && <Notice tone="bad">{sentenceOf(add.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!hostname.trim()} isBusy={add.isPending}>
            Add domain
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface ChooseProps {
  app: string
  domain: Domain
  all: readonly SniEndpoint[]
  onClose(): void
}

const none = ''

/** With which certificate a domain is served; the server knows whether it is one for that name. */
function ChooseCertificate({ app, domain, all, onClose }: ChooseProps) {
  const [wanted, setWanted] = useState(domain.sni_endpoint?.id ?? all[0]?.id ?? none)
  const choose = useAppChange(app, onClose, {
    mutationFn: () =>
      api.call(routes.domains.update, {
        params: { app, domain: domain.id },
        body: { sni_endpoint: wanted === none ? null : wanted },
      }),
    said: ({ hostname, sni_endpoint }) =>
      sni_endpoint ? `${hostname} answers https now.` : `${hostname} answers https no longer.`,
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (!choose.isPending) choose.mutate()
  }
  return (
    <Dialog title={`Certificate of ${domain.hostname}`} lead="It is used at once." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Choice
          label="Certificate"
          name="certificate"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        >
          <option value={none}>None</option>
          {all.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} ({one.ssl_cert.cert_domains.join(', ')})
            </option>
          ))}
        </Choice>
        {choose.error && <Notice tone="bad">{sentenceOf(choose.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={choose.isPending}>
            Save
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function RemoveDomain({ app, domain, onClose }: { app: string; domain: Domain; onClose(): void }) {
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.domains.remove, { params: { app, domain: domain.id } }),
    said: () => `${domain.hostname} is removed.`,
  })
  return (
    <Confirm
      title={`Remove ${domain.hostname}?`}
      lead="Visitors of this name no longer reach the app, and the name is free for others."
      verb="Remove"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
