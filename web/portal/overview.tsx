import type { Inspection } from '@mortise/contract/platform-api/provider-portal'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { CopyLine } from '../kit/copy.js'
import { Loaded } from '../kit/loaded.js'
import { card, Section } from '../kit/page.js'
import { Empty, Notice } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { inspections, looked } from './queries.js'
import { Stage } from './stage.js'

export function PortalOverview() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  return (
    <>
      <Stage slug={slug} />
      <Inspections slug={slug} />
      <Secret slug={slug} />
    </>
  )
}

function Inspections({ slug }: { slug: string }) {
  const read = useQuery(inspections(slug))
  return (
    <Section title="Inspection">
      <Loaded
        read={read}
        what="The inspection"
        rows={1}
        empty={
          <Empty
            title="It was not inspected yet"
            action={<CopyLine text={`mortise inspect --report ${window.location.origin}`} />}
          >
            The marketplace shows when a service last passed. With your provider running:
          </Empty>
        }
      >
        {([newest]) => newest && <Result inspection={newest} />}
      </Loaded>
    </Section>
  )
}

function Result({ inspection }: { inspection: Inspection }) {
  const { checks, created_at, failed, manifest_revision, passed, warned } = inspection
  const wrong = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  return (
    <div className={card}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4">
        <Badge tone={failed > 0 ? 'bad' : 'good'} dot>
          {failed > 0 ? `${failed} failed` : 'Passed'}
        </Badge>
        <p className="text-muted text-sm">
          {passed} passed{warned > 0 && `, ${warned} with a warning`} · manifest {manifest_revision} ·{' '}
          <TimeAgo at={created_at} />
        </p>
      </div>
      {wrong.length > 0 && (
        <ul className="divide-y divide-line border-line border-t">
          {wrong.map((check) => (
            <li key={check.id} className="grid gap-1 px-5 py-4">
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-medium">
                {check.title}
                <Badge tone={check.status === 'fail' ? 'bad' : 'warn'}>
                  {check.status === 'fail' ? 'Failed' : 'Warning'}
                </Badge>
              </p>
              <p className="text-muted text-sm [overflow-wrap:anywhere]">{check.reason}</p>
              <p className="text-sm [overflow-wrap:anywhere]">{check.advice}</p>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Secret({ slug }: { slug: string }) {
  const [isAsking, setAsking] = useState(false)
  const reset = useMutation({
    mutationFn: () => api.call(routes.portal.resetSecret, { params: { slug } }),
    onSuccess: () => {
      setAsking(false)
      looked()
    },
  })
  return (
    <Section title="OAuth secret">
      {reset.data ? (
        <div className="grid gap-3">
          <Notice tone="warn">It is shown this once. Give it to your provider now.</Notice>
          <CopyLine text={reset.data.client_secret} />
        </div>
      ) : (
        <div className={`flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
          <p className="min-w-0 flex-1 basis-64 text-soft">
            With it your provider trades grants for tokens. It is told when it is made, and never again.
          </p>
          <Button onClick={() => setAsking(true)}>Reset</Button>
        </div>
      )}
      {isAsking && (
        <Confirm
          title="Reset the OAuth secret?"
          lead="Every access token of your provider ends at once. It gets new ones as soon as it has the new secret; its refresh tokens stay."
          verb="Reset secret"
          isDanger
          typed={{ what: 'the service', name: slug }}
          isBusy={reset.isPending}
          error={reset.error}
          onConfirm={() => reset.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  )
}
