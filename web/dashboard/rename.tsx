import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { sentenceOf } from '../api.js'
import { Button } from '../kit/button.js'
import { Field } from '../kit/field.js'
import { Notice } from '../kit/state.js'

interface RenameProps {
  /** What it is called now. */
  now: string
  hint: string
  maxLength: number
  /** Gives it its new name, and sees to it that the page shows it. */
  rename(name: string): Promise<void>
}

/** A name that can be changed in its place. */
export function Rename({ now, hint, maxLength, rename }: RenameProps) {
  const [name, setName] = useState(now)
  const wanted = name.trim()
  const change = useMutation({ mutationFn: () => rename(wanted) })
  const isReady = wanted !== '' && wanted !== now
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isReady && !change.isPending) change.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-3 px-5 py-5">
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-64">
          <Field
            label="Name"
            name="name"
            isName
            maxLength={maxLength}
            value={name}
            onChange={(event) => setName(event.target.value)}
            hint={hint}
          />
        </div>
        <Button type="submit" disabled={!isReady} isBusy={change.isPending} className="sm:mt-[1.8rem]">
          Rename
        </Button>
      </div>
      {change.error && <Notice tone="bad">{sentenceOf(change.error)}</Notice>}
    </form>
  )
}
