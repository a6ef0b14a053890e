import { secretHeader } from '@mortise/contract/events/body'
import { eventResources, includeOf } from '@mortise/contract/events/names'
import type { AnswerOf } from '@mortise/contract/route'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { callForHeader, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Check } from '../../kit/check.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { changed } from '../resources.js'

export type Hook = AnswerOf<typeof routes.webhooks.info>

interface Props {
  app: string
  hook?: Hook
  onSecret(secret: string): void
  onClose(): void
}

/** Adds a webhook, or changes what one is told and how. */
export function EditWebhook({ app, hook, onSecret, onClose }: Props) {
  const say = useSay()
  const [url, setUrl] = useState(hook?.url ?? '')
  const [level, setLevel] = useState<Hook['level']>(hook?.level ?? 'notify')
  const [include, setInclude] = useState<readonly string[]>(hook?.include ?? ['api:release'])
  const [secret, setSecret] = useState('')
  const [authorization, setAuthorization] = useState('')
  const save = useMutation({
    gcTime: 0,
    mutationFn: () => {
      const body = {
        url: url.trim(),
        level,
        include: [...include],
        // Left empty they stay as they are, or a secret is made.
        ...(secret ? { secret } : {}),
        ...(authorization ? { authorization } : {}),
      }
      return hook
        ? callForHeader(routes.webhooks.update, { params: { app, webhook: hook.id }, body }, secretHeader)
        : callForHeader(routes.webhooks.create, { params: { app }, body }, secretHeader)
    },
    async onSuccess({ header }) {
      say(hook ? 'The webhook is changed.' : 'The webhook is added.')
      if (header) onSecret(header)
      onClose()
      await changed(app)
    },
  })
  const isReady = url.trim() !== '' && include.length > 0
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !save.isPending) save.mutate()
  }
  return (
    <Dialog title={hook ? 'Edit the webhook' : 'Add a webhook'} onClose={onClose} isWide>
      <form onSubmit={submit} className="grid gap-5">
        <Field
          label="Address"
          name="url"
          type="url"
          isName
          required
          placeholder="https://example.com/hooks/mortise"
          maxLength={2048}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <fieldset className="grid gap-2.5">
          <legend className="mb-1.5 font-medium text-sm">Events</legend>
          <div className="grid gap-2.5 sm:grid-cols-2">
            {eventResources.map((resource) => {
              const name = includeOf(resource)
              return (
                <Check
                  key={name}
                  isChecked={include.includes(name)}
                  onChange={(isWanted) =>
                    setInclude((all) => (isWanted ? [...all, name] : all.filter((one) => one !== name)))
                  }
                >
                  <span className="font-mono text-[0.8125rem]">{name}</span>
                </Check>
              )
            })}
          </div>
        </fieldset>
        <Choice
          label="When it does not answer"
          name="level"
          value={level}
          onChange={(event) => setLevel(event.target.value as Hook['level'])}
          hint={
            level === 'sync'
              ? 'Events come in their order, and each is tried again until it is taken.'
              : 'Each event is sent once, in no certain order.'
          }
        >
          <option value="notify">One try (notify)</option>
          <option value="sync">Try again until it is taken (sync)</option>
        </Choice>
        <div className="grid items-start gap-5 sm:grid-cols-2">
          <Field
            label="Secret"
            name="secret"
            type="password"
            autoComplete="new-password"
            hint={hook ? 'Leave it empty to keep it.' : 'Leave it empty and one is made, and shown once.'}
            maxLength={1024}
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
          <Field
            label="Authorization header"
            name="authorization"
            type="password"
            autoComplete="new-password"
            hint={hook ? 'Leave it empty to keep it.' : 'Sent with each event, when it is needed.'}
            maxLength={4096}
            value={authorization}
            onChange={(event) => setAuthorization(event.target.value)}
          />
        </div>
        {save.error && <Notice tone="bad">{sentenceOf(save.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isReady} isBusy={save.isPending}>
            {hook ? 'Save' : 'Add webhook'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
