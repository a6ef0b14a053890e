import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Confirm } from '../kit/confirm.js'
import { Field } from '../kit/field.js'
import { useSay } from '../kit/toast.js'
import { looked } from './queries.js'

/** What a verb of the operator's is called, asks, promises, and says when it is done. */
export interface VerbWords {
  button: string
  title: string
  lead: string
  said: string
}

interface VerbDialogProps {
  words: VerbWords
  isDanger?: boolean
  /** A name that has to be typed before the button works. */
  typed?: { what: string; name: string } | undefined
  /** Whether the verb may be done without a word of why. */
  isReasonOptional?: boolean
  reasonHint?: string
  /** Does it. Without a reason, `because` is empty, and the body leaves it out. */
  ask(because: { reason?: string }): Promise<unknown>
  onClose(): void
  /** What else it has to be told. */
  children?: ReactNode
}

/** Asks an operator why, does the verb, says so, and has the console look again. */
export function VerbDialog({
  words,
  isDanger = false,
  typed,
  isReasonOptional = false,
  reasonHint = 'Kept on record, with your name.',
  ask,
  onClose,
  children,
}: VerbDialogProps) {
  const say = useSay()
  const [reason, setReason] = useState('')
  const act = useMutation({
    mutationFn: () => ask(reason.trim() ? { reason: reason.trim() } : {}),
    async onSuccess() {
      say(words.said)
      onClose()
      await looked()
    },
  })
  return (
    <Confirm
      title={words.title}
      lead={words.lead}
      verb={words.button}
      isDanger={isDanger}
      {...(typed ? { typed } : {})}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      {children}
      <Field
        label={isReasonOptional ? 'Why (optional)' : 'Why'}
        hint={reasonHint}
        required={!isReasonOptional}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </Confirm>
  )
}
