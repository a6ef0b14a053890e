import { type FormEvent, useId, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Field } from '../../kit/field.js'
import { Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'

/** Sets one config var. Its old value is not shown here: whoever needs it reveals it in the list. */
export function EditVar({ app, name: fixed, onClose }: { app: string; name?: string; onClose(): void }) {
  const valueId = useId()
  const [name, setName] = useState(fixed ?? '')
  const [value, setValue] = useState('')
  const wanted = fixed ?? name.trim()
  const set = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.config.update, { params: { app }, body: { [wanted]: value } }),
    gcTime: 0,
    said: () => `${wanted} is set.`,
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (wanted && !set.isPending) set.mutate()
  }
  return (
    <Dialog
      title={fixed ? `Set ${fixed}` : 'Add a config var'}
      lead="The change makes a release, and the app restarts with it."
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        {!fixed && (
          <Field
            label="Name"
            name="name"
            isName
            required
            maxLength={200}
            placeholder="GREETING"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <div className="grid gap-1.5">
          <label htmlFor={valueId} className="font-medium text-sm">
            {fixed ? 'New value' : 'Value'}
          </label>
          <textarea
            id={valueId}
            name="value"
            rows={3}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            className="w-full rounded-lg border border-edge bg-surface px-3 py-2 font-mono text-sm hover:border-muted"
          />
        </div>
        {set.error && <Notice tone="bad">{sentenceOf(set.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!wanted} isBusy={set.isPending}>
            {fixed ? 'Set' : 'Add'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
