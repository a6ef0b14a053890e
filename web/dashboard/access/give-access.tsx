import type { Collaborator } from '@mortise/contract/platform-api/apps'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Check } from '../../kit/check.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Field } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'
import { permissions } from './queries.js'

/** Without a word: everything but sharing, renaming and destroying. Whoever works on an app sees it in any case. */
const usual = ['view', 'deploy', 'operate']

/** Lets somebody work on an app, or changes what they may do there. */
export function GiveAccess({ app, to, onClose }: { app: string; to?: Collaborator; onClose(): void }) {
  const offered = useQuery(permissions)
  const [email, setEmail] = useState('')
  const [given, setGiven] = useState<readonly string[]>(to ? to.permissions.map(({ name }) => name) : usual)
  const give = useAppChange(app, onClose, {
    mutationFn: () =>
      to
        ? api.call(routes.apps.updateCollaborator, {
            params: { app, collaborator: to.id },
            body: { permissions: [...given] },
          })
        : api.call(routes.apps.addCollaborator, {
            params: { app },
            body: { user: email.trim(), permissions: [...given] },
          }),
    said: ({ user }) => (to ? `The permissions of ${user.email} are changed.` : `${user.email} works on ${app} now.`),
  })
  const isReady = to !== undefined || email.trim() !== ''
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !give.isPending) give.mutate()
  }
  return (
    <Dialog
      title={to ? `Permissions of ${to.user.email}` : 'Add a collaborator'}
      lead={to ? undefined : 'Somebody with an account here. Whom there is none of, the operator can invite.'}
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        {!to && (
          <Field
            label="E-mail"
            name="email"
            type="email"
            autoComplete="off"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
        <Loaded read={offered} what="The permissions" rows={2}>
          {(all) => (
            <fieldset className="grid gap-3">
              <legend className="mb-1.5 font-medium text-sm">Permissions</legend>
              {all.map(({ name, description }) => (
                <Check
                  key={name}
                  isChecked={name === 'view' || given.includes(name)}
                  disabled={name === 'view'}
                  onChange={(isGiven) =>
                    setGiven((before) => (isGiven ? [...before, name] : before.filter((one) => one !== name)))
                  }
                >
                  <span className="font-medium">{name}</span> <span className="text-soft">{description}</span>
                </Check>
              ))}
            </fieldset>
          )}
        </Loaded>
        {give.error && <Notice tone="bad">{sentenceOf(give.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isReady} isBusy={give.isPending}>
            {to ? 'Save' : 'Add'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
