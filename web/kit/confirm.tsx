import { type FormEvent, type ReactNode, useState } from 'react'
import { sentenceOf } from '../api.js'
import { Button } from './button.js'
import { Actions, Dialog } from './dialog.js'
import { Field } from './field.js'
import { Notice } from './state.js'

interface ConfirmProps {
  title: string
  lead: ReactNode
  /** The button's words: the verb itself, never "OK". */
  verb: string
  isDanger?: boolean
  /** For what destroys: a name that has to be typed before the button works. */
  typed?: { what: string; name: string }
  isBusy: boolean
  error: unknown
  onConfirm(): void
  onClose(): void
  children?: ReactNode
}

export function Confirm({
  title,
  lead,
  verb,
  isDanger,
  typed,
  isBusy,
  error,
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const [text, setText] = useState('')
  const isReady = !typed || text.trim() === typed.name
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !isBusy) onConfirm()
  }
  return (
    <Dialog title={title} lead={lead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        {children}
        {typed && (
          <Field
            label={`Type ${typed.name} to confirm`}
            hint={`The name of ${typed.what}.`}
            isName
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {error != null && <Notice tone="bad">{sentenceOf(error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={isDanger ? 'danger' : 'primary'} disabled={!isReady} isBusy={isBusy}>
            {verb}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
