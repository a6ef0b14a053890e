import { useId } from 'react'
import { Button } from '../../kit/button.js'
import type { DraftRow } from './draft.js'

const box =
  'w-full rounded-lg border border-edge bg-surface px-3 font-mono text-sm placeholder:font-sans placeholder:text-muted hover:border-muted focus-visible:border-accent aria-invalid:border-bad'
const plain = { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false, autoComplete: 'off' } as const

interface Props {
  row: DraftRow
  problem: string | null
  onEdit(change: Partial<DraftRow>): void
  onDrop(): void
}

/** One name and its new value; the present value is never in the page. */
export function DraftRowFields({ row, problem, onEdit, onDrop }: Props) {
  const id = useId()
  const called = row.name || 'the new config var'
  const described = problem ? { 'aria-invalid': true, 'aria-describedby': `${id}-problem` } : {}
  return (
    <li className="grid items-start gap-x-4 gap-y-2 px-5 py-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_6rem]">
      {row.isNew ? (
        <input
          {...plain}
          {...described}
          aria-label="Name"
          placeholder="NAME"
          maxLength={200}
          value={row.name}
          onChange={(event) => onEdit({ name: event.target.value })}
          className={`${box} h-9`}
        />
      ) : (
        <p
          className={`flex min-h-9 items-center font-mono text-sm [overflow-wrap:anywhere] ${row.isRemoved ? 'text-muted line-through' : ''}`}
        >
          {row.name}
        </p>
      )}
      {row.isRemoved ? (
        <p className="flex min-h-9 items-center text-bad text-sm">Goes with the release</p>
      ) : (
        <textarea
          {...plain}
          rows={row.value?.includes('\n') ? 4 : 1}
          aria-label={`Value of ${called}`}
          placeholder={row.isNew ? 'Value' : 'As it is'}
          value={row.value ?? ''}
          onChange={({ target: { value } }) => onEdit({ value: value === '' && !row.isNew ? null : value })}
          className={`${box} min-h-9 resize-y py-1.5`}
        />
      )}
      <div className="justify-self-start max-sm:-ml-3 sm:-mr-3 sm:justify-self-end">
        <Button
          look="ghost"
          size="small"
          aria-label={row.isRemoved ? `Keep ${called}` : `Remove ${called}`}
          onClick={() => (row.isNew ? onDrop() : onEdit({ isRemoved: !row.isRemoved, value: null }))}
        >
          {row.isRemoved ? 'Keep' : 'Remove'}
        </Button>
      </div>
      {problem && (
        <p id={`${id}-problem`} className="text-bad text-sm sm:col-span-3">
          {problem}
        </p>
      )}
    </li>
  )
}
