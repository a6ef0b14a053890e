import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, queryClient, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { card, Section } from '../../kit/page.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { app as appOf, changed } from '../resources.js'
import { teams } from '../teams/queries.js'
import { transfers, transfersKey } from './queries.js'

/** Whose the app is, an offer that is open, and giving it away. */
export function Ownership({ app }: { app: string }) {
  const say = useSay()
  const { data: found } = useQuery(appOf(app))
  const { data: open } = useQuery(transfers)
  const [isGiving, setGiving] = useState(false)
  const offer = open?.find((one) => one.app.name === app)
  const withdraw = useMutation({
    mutationFn: (id: string) => api.call(routes.transfers.remove, { params: { transfer: id } }),
    async onSuccess() {
      say('The offer is withdrawn.')
      await queryClient.invalidateQueries({ queryKey: transfersKey })
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <Section title="Ownership">
      <div className={`flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
        <div className="min-w-0 flex-1 basis-64">
          <p className="[overflow-wrap:anywhere]">
            {found?.team ? (
              <>
                The team <span className="font-medium">{found.team.name}</span> owns it and pays for its add-ons.
              </>
            ) : (
              <>
                <span className="font-medium">{found?.owner.email}</span> owns it and pays for its add-ons.
              </>
            )}
          </p>
          {offer && (
            <p className="text-muted text-sm [overflow-wrap:anywhere]">
              It is offered to {offer.recipient.email}. Until they accept, nothing changes.
            </p>
          )}
        </div>
        {offer ? (
          <Button size="small" isBusy={withdraw.isPending} onClick={() => withdraw.mutate(offer.id)}>
            Withdraw the offer
          </Button>
        ) : (
          <Button size="small" onClick={() => setGiving(true)}>
            Give to another owner
          </Button>
        )}
      </div>
      {found?.team && <Lock app={app} isLocked={found.locked === true} />}
      {isGiving && <Give app={app} team={found?.team?.name} onClose={() => setGiving(false)} />}
    </Section>
  )
}

/** Of a team's app: who of the team may do what is theirs by the team alone. */
function Lock({ app, isLocked }: { app: string; isLocked: boolean }) {
  const say = useSay()
  const turn = useMutation({
    mutationFn: () => api.call(routes.teamApps.update, { params: { app }, body: { locked: !isLocked } }),
    async onSuccess({ locked }) {
      say(locked ? `${app} is locked.` : `${app} is open to the whole team again.`)
      await changed(app)
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <div className={`mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
      <p className="min-w-0 flex-1 basis-64 text-soft">
        {isLocked
          ? 'It is locked: only admins of the team and its collaborators work on it.'
          : 'Every member of the team may join it. Locked, only its collaborators and the admins of the team work on it.'}
      </p>
      <Button size="small" isBusy={turn.isPending} onClick={() => turn.mutate()}>
        {isLocked ? 'Unlock' : 'Lock'}
      </Button>
    </div>
  )
}

const aPerson = ''

function Give({ app, team, onClose }: { app: string; team?: string; onClose(): void }) {
  const say = useSay()
  const { data: all } = useQuery(teams)
  const [target, setTarget] = useState(aPerson)
  const [email, setEmail] = useState('')
  const others = (all ?? []).filter((one) => one.name !== team)
  const give = useMutation({
    // A team that one may make apps in takes it at once; a person is asked.
    mutationFn: async () => {
      if (target !== aPerson || team) {
        const { owner } = await api.call(routes.teamApps.update, {
          params: { app },
          body: { owner: target || email.trim() },
        })
        return `${app} belongs to ${target ? `the team ${target}` : owner.email} now.`
      }
      const { recipient } = await api.call(routes.transfers.create, { body: { app, recipient: email.trim() } })
      return `${app} is offered to ${recipient.email}.`
    },
    async onSuccess(words) {
      say(words)
      onClose()
      await Promise.all([changed(app), queryClient.invalidateQueries({ queryKey: transfersKey })])
    },
  })
  const isReady = target !== aPerson || email.trim() !== ''
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !give.isPending) give.mutate()
  }
  return (
    <Dialog
      title={`Give ${app} to another owner`}
      lead="The new owner pays for its add-ons from then on. You keep working on it, as a collaborator, where the new owner is a person."
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        <Choice label="To" name="target" value={target} onChange={(event) => setTarget(event.target.value)}>
          <option value={aPerson}>A person</option>
          {others.map((one) => (
            <option key={one.id} value={one.name}>
              The team {one.name}
            </option>
          ))}
        </Choice>
        {target === aPerson && (
          <Field
            label="E-mail"
            name="email"
            type="email"
            autoComplete="off"
            required
            hint={team ? 'The app is theirs at once.' : 'They are asked, and accept or decline on their page of apps.'}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
        {give.error && <Notice tone="bad">{sentenceOf(give.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isReady} isBusy={give.isPending}>
            {target === aPerson && !team ? 'Offer the app' : 'Give the app'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
