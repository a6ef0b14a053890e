import { useMutation } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Field } from '../../kit/field.js'
import { Notice } from '../../kit/state.js'
import { looked } from '../queries.js'

interface InviteProps {
  onLink(link: { email: string; url: string }): void
  onClose(): void
}

/** Makes a link to an account of somebody's own. */
export function Invite({ onLink, onClose }: InviteProps) {
  const invite = useMutation({
    mutationFn: (email: string) => api.call(routes.invites.create, { body: { email } }),
    async onSuccess({ email, url }) {
      if (url) onLink({ email, url })
      onClose()
      await looked()
    },
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const email = String(new FormData(event.currentTarget).get('email')).trim()
    if (!invite.isPending) invite.mutate(email)
  }
  return (
    <Dialog
      title="Invite somebody"
      lead="They choose a password through a link that is good once and for seven days. No mail is sent: you hand it on."
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        <Field label="E-mail" name="email" type="email" autoComplete="off" required autoFocus />
        {invite.error && <Notice tone="bad">{sentenceOf(invite.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={invite.isPending}>
            Make the link
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
