import type { Collaborator } from '@mortise/contract/platform-api/apps'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useAccount } from '../../session.js'
import { app as appOf } from '../resources.js'
import { useAppChange } from '../use-app-change.js'
import { GiveAccess } from './give-access.js'
import { Ownership } from './ownership.js'
import { collaborators } from './queries.js'

/** Who works on an app and what each may do, and whose it is. */
export function Access() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/access' })
  const read = useQuery(collaborators(app))
  const { data: found } = useQuery(appOf(app))
  const { data: account } = useAccount()
  const [giving, setGiving] = useState<{ to?: Collaborator } | null>(null)
  const [removing, setRemoving] = useState<Collaborator | null>(null)
  return (
    <>
      <Section
        title="Collaborators"
        count={read.data?.length}
        action={
          <Button look="primary" size="small" onClick={() => setGiving({})}>
            Add a collaborator
          </Button>
        }
      >
        <Loaded read={read} what="Who works on the app">
          {(data) => (
            <ul className={rows}>
              {data.map((one) => (
                <Row
                  key={one.id}
                  collaborator={one}
                  team={one.role === 'owner' ? found?.team?.name : undefined}
                  isMe={one.user.id === account?.id}
                  onEdit={() => setGiving({ to: one })}
                  onRemove={() => setRemoving(one)}
                />
              ))}
            </ul>
          )}
        </Loaded>
      </Section>
      <Ownership app={app} />
      {giving && <GiveAccess app={app} to={giving.to} onClose={() => setGiving(null)} />}
      {removing && (
        <RemoveCollaborator
          app={app}
          collaborator={removing}
          isMe={removing.user.id === account?.id}
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  )
}

interface RowProps {
  collaborator: Collaborator
  /** The owner, when that is a team: its address is none of a person. */
  team?: string
  isMe: boolean
  onEdit(): void
  onRemove(): void
}

function Row({ collaborator: { user, role, permissions, created_at }, team, isMe, onEdit, onRemove }: RowProps) {
  const isOwner = role === 'owner'
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          {team ? `The team ${team}` : user.email}
          {isMe && <Badge>You</Badge>}
        </p>
        <p className="text-muted text-sm">
          {isOwner ? 'Owns the app' : 'Works on it'} since <TimeAgo at={created_at} />
        </p>
      </div>
      <p className="flex flex-wrap gap-1.5">
        {isOwner ? (
          <Badge tone="good">Owner</Badge>
        ) : (
          permissions.map(({ name, description }) => (
            <span key={name} title={description}>
              <Badge>{name}</Badge>
            </span>
          ))
        )}
      </p>
      <div className="flex gap-1 max-sm:-ml-3 sm:-mr-3 sm:w-44 sm:justify-end">
        {!isOwner && (
          <>
            <Button look="ghost" size="small" aria-label={`Permissions of ${user.email}`} onClick={onEdit}>
              Permissions
            </Button>
            <Button
              look="ghost"
              size="small"
              aria-label={isMe ? 'Leave the app' : `Remove ${user.email}`}
              onClick={onRemove}
            >
              {isMe ? 'Leave' : 'Remove'}
            </Button>
          </>
        )}
      </div>
    </li>
  )
}

interface RemoveProps {
  app: string
  collaborator: Collaborator
  isMe: boolean
  onClose(): void
}

function RemoveCollaborator({ app, collaborator, isMe, onClose }: RemoveProps) {
  const { email } = collaborator.user
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.apps.removeCollaborator, { params: { app, collaborator: collaborator.id } }),
    said: () => (isMe ? `You left ${app}.` : `${email} no longer works on ${app}.`),
  })
  return (
    <Confirm
      title={isMe ? `Leave ${app}?` : `Remove ${email}?`}
      lead={`${isMe ? 'You' : 'They'} can no longer see or change the app from this moment on. What ${isMe ? 'you' : 'they'} read before, such as config values, is known to ${isMe ? 'you' : 'them'} still.`}
      verb={isMe ? 'Leave' : 'Remove'}
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
