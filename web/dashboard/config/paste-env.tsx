import { type FormEvent, useState } from 'react'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { TextArea } from '../../kit/field.js'
import { Notice } from '../../kit/state.js'
import { readEnvText } from './env-text.js'

interface Props {
  onPaste(vars: [name: string, value: string][]): void
  onClose(): void
}

/** Takes the text of a `.env` file apart into lines of the form. Nothing is sent from here. */
export function PasteEnv({ onPaste, onClose }: Props) {
  const [text, setText] = useState('')
  const { vars, unread } = readEnvText(text)
  function submit(event: FormEvent) {
    event.preventDefault()
    if (vars.length > 0) onPaste(vars)
  }
  return (
    <Dialog title="Paste .env text" lead="Its lines go into the form, and nowhere yet." onClose={onClose} isWide>
      <form onSubmit={submit} className="grid gap-5">
        <TextArea
          label="Text"
          rows={10}
          isName
          placeholder={'GREETING=hello\nSECRET_KEY="..."'}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {unread.length > 0 && (
          <Notice tone="warn">
            {unread.length === 1 ? 'Line' : 'Lines'} {unread.slice(0, 10).join(', ')}
            {unread.length > 10 ? ' and others' : ''} {unread.length === 1 ? 'is' : 'are'} no setting and left out.
          </Notice>
        )}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={vars.length === 0}>
            {vars.length === 0 ? 'Take over' : `Take over ${vars.length}`}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
