import type { TeamInvitation, TeamMember, TeamRole } from '@mortise/contract/platform-api/teams'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { OneTimeLink } from '../../kit/one-time-link.js'
import { rows, Section } from '../../kit/page.js'
import { Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { useAccount } from '../../session.js'
import { invitations, members, teamsChanged } from './queries.js'

/** Roles that can be given. Whoever is in one app only is its collaborator, and no member. */
const roles: readonly [TeamRole, string][] = [
  ['admin', 'Admin: everything, members too'],
  ['member', 'Member: sees all apps, makes and joins some'],
  ['viewer', 'Viewer: sees all apps'],
]

export function Members({ team, isAdmin }: { team: string; isAdmin: boolean }) {
  const read = useQuery(members(team))
  const { data: open } = useQuery(invitations(team))
  const { data: account } = useAccount()
  const [isInviting, setInviting] = useState(false)
  const [invited, setInvited] = useState<TeamInvitation | null>(null)
  const [removing, setRemoving] = useState<TeamMember | null>(null)
  const say = useSay()
  const changeRole = useMutation({
    mutationFn: (body: { email: string; role: TeamRole }) =>
      api.call(routes.teams.updateMember, { params: { team }, body }),
    async onSuccess(member) {
      say(`${member.email} is ${member.role} now.`)
      await teamsChanged()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  const revoke = useMutation({
    mutationFn: (one: TeamInvitation) =>
      api.call(routes.teams.revokeInvitation, { params: { team, invitation: one.id } }),
    async onSuccess(one) {
      say(`The invitation of ${one.user.email} is withdrawn.`)
      await teamsChanged()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <Section
      title="Members"
      count={read.data?.length}
      action={
        isAdmin && (
          <Button look="primary" size="small" onClick={() => setInviting(true)}>
            Invite somebody
          </Button>
        )
      }
    >
      {invited?.url && <OneTimeLink email={invited.user.email} url={invited.url} />}
      <Loaded read={read} what="The members" rows={2}>
        {(data) => (
          <ul className={rows}>
            {data.map((member) => {
              const isMe = member.user.id === account?.id
              return (
                <li key={member.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                  <div className="min-w-0 flex-1 basis-56">
                    <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
                      {member.email}
                      {isMe && <Badge>You</Badge>}
                    </p>
                    <p className="text-muted text-sm">
                      Since <TimeAgo at={member.created_at} />
                    </p>
                  </div>
                  {isAdmin && member.role !== 'owner' && member.role !== 'collaborator' ? (
                    <div className="w-36">
                      <Choice
                        label={`Role of ${member.email}`}
                        isCompact
                        value={member.role}
                        onChange={(event) =>
                          changeRole.mutate({ email: member.email, role: event.target.value as TeamRole })
                        }
                      >
                        {roles.map(([role]) => (
                          <option key={role}>{role}</option>
                        ))}
                      </Choice>
                    </div>
                  ) : (
                    <Badge>{member.role}</Badge>
                  )}
                  {(isAdmin || isMe) && (
                    <Button
                      look="ghost"
                      size="small"
                      aria-label={isMe ? 'Leave the team' : `Remove ${member.email}`}
                      onClick={() => setRemoving(member)}
                      className="max-sm:-ml-3 sm:-mr-3"
                    >
                      {isMe ? 'Leave' : 'Remove'}
                    </Button>
                  )}
                </li>
              )
            })}
            {open?.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-medium [overflow-wrap:anywhere]">{one.user.email}</p>
                  <p className="text-muted text-sm">
                    Invited by {one.invited_by.email} · <TimeAgo at={one.created_at} />
                  </p>
                </div>
                <Badge tone="busy">Invited as {one.role}</Badge>
                {isAdmin && (
                  <Button
                    look="ghost"
                    size="small"
                    aria-label={`Withdraw the invitation of ${one.user.email}`}
                    onClick={() => revoke.mutate(one)}
                    className="max-sm:-ml-3 sm:-mr-3"
                  >
                    Withdraw
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isInviting && <Invite team={team} onInvited={setInvited} onClose={() => setInviting(false)} />}
      {removing && (
        <RemoveMember
          team={team}
          member={removing}
          isMe={removing.user.id === account?.id}
          onClose={() => setRemoving(null)}
        />
      )}
    </Section>
  )
}

interface InviteProps {
  team: string
  onInvited(invitation: TeamInvitation): void
  onClose(): void
}

function Invite({ team, onInvited, onClose }: InviteProps) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<TeamRole>('member')
  const invite = useMutation({
    gcTime: 0,
    mutationFn: () => api.call(routes.teams.invite, { params: { team }, body: { email: email.trim(), role } }),
    async onSuccess(invitation) {
      onInvited(invitation)
      onClose()
      await teamsChanged()
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (email.trim() && !invite.isPending) invite.mutate()
  }
  return (
    <Dialog title="Invite somebody" lead="You get a link to hand to them; no mail is sent." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="off"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Choice label="Role" name="role" value={role} onChange={(event) => setRole(event.target.value as TeamRole)}>
          {roles.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </Choice>
        {invite.error && <Notice tone="bad">{sentenceOf(invite.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!email.trim()} isBusy={invite.isPending}>
            Invite
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface RemoveProps {
  team: string
  member: TeamMember
  isMe: boolean
  onClose(): void
}

function RemoveMember({ team, member, isMe, onClose }: RemoveProps) {
  const say = useSay()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => api.call(routes.teams.removeMember, { params: { team, member: member.id } }),
    async onSuccess() {
      say(isMe ? `You left ${team}.` : `${member.email} is no longer in ${team}.`)
      onClose()
      if (isMe) await navigate({ to: '/dashboard/teams' })
      await teamsChanged()
    },
  })
  return (
    <Confirm
      title={isMe ? `Leave ${team}?` : `Remove ${member.email}?`}
      lead={`${isMe ? 'You lose' : 'They lose'} access to all apps of the team, those worked on as a collaborator too.`}
      verb={isMe ? 'Leave' : 'Remove'}
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
