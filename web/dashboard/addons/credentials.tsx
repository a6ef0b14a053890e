import type { Addon, Credential } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge, Name, type Tone } from '../../kit/badge.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { None } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { credentialsOf } from './queries.js'

const states: Record<Credential['state'], { word: string; tone: Tone }> = {
  staged: { word: 'Coming', tone: 'busy' },
  active: { word: 'In force', tone: 'good' },
  retiring: { word: 'Retiring', tone: 'warn' },
  revoked: { word: 'Destroyed', tone: 'neutral' },
}

/** The versions of an add-on's values: which is in force, which is still in use somewhere, and which are gone. */
export function Credentials({ app, addon }: { app: string; addon: Addon }) {
  const read = useQuery(credentialsOf(app, addon.id))
  return (
    <Section title="Credentials" count={read.data?.length}>
      <Loaded read={read} what="Its credentials" rows={1} empty={<None>Its provider has given no values yet.</None>}>
        {(data) => (
          <ul className={rows}>
            {data.map((credential) => (
              <Row key={credential.id} credential={credential} />
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}

function Row({ credential }: { credential: Credential }) {
  const { word, tone } = states[credential.state]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="grid min-w-0 flex-1 basis-64 gap-1">
        <p className="font-medium [overflow-wrap:anywhere]">
          {credential.name}, version {credential.version}
        </p>
        <p className="text-muted text-sm">
          Given <TimeAgo at={credential.created_at} />
          {credential.retired_at && (
            <>
              {' · replaced '}
              <TimeAgo at={credential.retired_at} />
            </>
          )}
        </p>
        <p className="flex flex-wrap gap-1.5">
          {credential.config_vars.map((name) => (
            <Name key={name}>{name}</Name>
          ))}
        </p>
        {credential.used_by.length > 0 && (
          <p className="text-soft text-sm [overflow-wrap:anywhere]">
            {credential.state === 'retiring' ? 'Still in use by ' : 'In use by '}
            {credential.used_by.map(({ app, release }, index) => (
              <span key={app.id}>
                {index > 0 && ', '}
                <Link
                  to="/dashboard/apps/$app/releases"
                  params={{ app: app.name ?? '' }}
                  className="underline underline-offset-2"
                >
                  {app.name} v{release}
                </Link>
              </span>
            ))}
          </p>
        )}
      </div>
      <Badge tone={tone}>{word}</Badge>
    </li>
  )
}
