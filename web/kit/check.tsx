import type { ReactNode } from 'react'

interface CheckProps {
  isChecked: boolean
  onChange(isChecked: boolean): void
  disabled?: boolean
  children: ReactNode
}

/** A box to tick, with its words beside it. */
export function Check({ isChecked, onChange, disabled, children }: CheckProps) {
  return (
    <label className="flex items-start gap-3 text-sm has-disabled:opacity-60">
      <input
        type="checkbox"
        checked={isChecked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <span className="min-w-0">{children}</span>
    </label>
  )
}
