import type { Invite } from '@mortise/contract/platform-api/invites'
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { looked } from '../queries.js'
import { invites, passwordResets } from './queries.js'
import { useResetLink } from './reset-link.js'

/** Who asked for a new password and has no link yet; shown only while there is somebody. */
export function WaitingForPassword({ onLink }: { onLink(link: { email: string; url: string }): void }) {
  const read = useQuery(passwordResets)
  const { make, isBusy } = useResetLink(onLink)
  if (!read.error && !read.data?.length) return null
  return (
    <Section title="Waiting for a new password" count={read.data?.length}>
      <Loaded read={read} what="Who waits for a new password">
        {(data) => (
          <ul className={rows}>
            {data.map(({ user, created_at }) => (
              <li key={user.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-medium [overflow-wrap:anywhere]">{user.email}</p>
                  <p className="text-muted text-sm">
                    Asked <TimeAgo at={created_at} />. Make sure that it is they who ask.
                  </p>
                </div>
                <Button
                  size="small"
                  isBusy={isBusy}
                  aria-label={`Make a link to a new password for ${user.email}`}
                  onClick={() => make(user.email)}
                >
                  Make a link
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}

/** Links that were handed on and not used yet; shown only while there are some. */
export function OpenLinks() {
  const say = useSay()
  const read = useQuery(invites)
  const revoke = useMutation({
    mutationFn: (one: Invite) => api.call(routes.invites.revoke, { params: { invite: one.id } }),
    async onSuccess(one) {
      say(`The link of ${one.email} is withdrawn.`)
      await looked()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  if (!read.error && !read.data?.length) return null
  return (
    <Section title="Open links" count={read.data?.length}>
      <Loaded read={read} what="The open links">
        {(data) => (
          <ul className={rows}>
            {data.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-medium [overflow-wrap:anywhere]">{one.email}</p>
                  <p className="text-muted text-sm [overflow-wrap:anywhere]">
                    By {one.invited_by.email} · good until {new Date(one.expires_at).toLocaleString()}
                  </p>
                </div>
                <Badge tone="busy">{one.purpose === 'account' ? 'Invited' : 'New password'}</Badge>
                <Button
                  look="ghost"
                  size="small"
                  aria-label={`Withdraw the link of ${one.email}`}
                  onClick={() => revoke.mutate(one)}
                  className="max-sm:-ml-3 sm:-mr-3"
                >
                  Withdraw
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}
