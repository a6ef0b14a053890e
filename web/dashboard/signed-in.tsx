import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { browserName } from '../activity/browser-name.js'
import { api, queryClient, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { Loaded } from '../kit/loaded.js'
import { rows, Section } from '../kit/page.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'

/** One way in: a browser that is signed in, or a key of a command line or a program. */
interface Way {
  id: string
  isBrowser: boolean
  description: string
  client: string | null
  scope: readonly string[]
  created_at: string
  updated_at: string
}

const key = ['account', 'ways-in'] as const

const ways = queryOptions({
  queryKey: key,
  async queryFn({ signal }): Promise<Way[]> {
    const [sessions, authorizations] = await Promise.all([
      api.call(routes.authorizations.sessions, { signal }),
      api.call(routes.authorizations.list, { signal }),
    ])
    const browsers = sessions.map((one) => ({ ...one, isBrowser: true, client: null, scope: [] }))
    // Only what is shown is kept: an authorization comes with its token.
    const keys = authorizations.map(({ id, description, client, scope, created_at, updated_at }) => ({
      id,
      isBrowser: false,
      description,
      client: client?.name ?? null,
      scope,
      created_at,
      updated_at,
    }))
    return [...browsers, ...keys].sort((a, b) => b.created_at.localeCompare(a.created_at))
  },
})

/** Where the account is signed in, and ending one of them. */
export function SignedIn() {
  const read = useQuery(ways)
  const [ending, setEnding] = useState<Way | null>(null)
  return (
    <Section title="Signed in" count={read.data?.length}>
      <Loaded read={read} what="Where you are signed in" rows={2}>
        {(data) => (
          <ul className={rows}>
            {data.map((way) => (
              <li key={way.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-medium [overflow-wrap:anywhere]">{nameOf(way)}</p>
                  <p className="text-muted text-sm">
                    Since <TimeAgo at={way.created_at} />
                    {way.scope.length > 0 && ` · ${way.scope.join(', ')}`}
                  </p>
                </div>
                <Badge>{way.isBrowser ? 'Browser' : 'Key'}</Badge>
                <Button
                  look="ghost"
                  size="small"
                  aria-label={`End ${nameOf(way)}`}
                  onClick={() => setEnding(way)}
                  className="max-sm:-ml-3 sm:-mr-3"
                >
                  End
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {ending && <EndWay way={ending} onClose={() => setEnding(null)} />}
    </Section>
  )
}

const nameOf = ({ isBrowser, description, client }: Way) =>
  client ?? (isBrowser ? browserName(description) : description || 'A key without a name')

function EndWay({ way, onClose }: { way: Way; onClose(): void }) {
  const say = useSay()
  const end = useMutation({
    async mutationFn() {
      if (way.isBrowser) await api.call(routes.authorizations.endSession, { params: { session: way.id } })
      else await api.call(routes.authorizations.revoke, { params: { authorization: way.id } })
    },
    async onSuccess() {
      say(`${nameOf(way)} is signed out.`)
      onClose()
      // It may have been this very browser: then the form shows.
      await queryClient.invalidateQueries({ queryKey: ['account'] })
    },
  })
  return (
    <Confirm
      title={`End ${nameOf(way)}?`}
      lead={
        way.isBrowser
          ? 'Whoever uses it has to sign in again. If it is this browser, that is you.'
          : 'Whatever uses this key is refused from now on.'
      }
      verb="End it"
      isDanger
      isBusy={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    />
  )
}
