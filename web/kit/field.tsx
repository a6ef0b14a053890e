import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'

const box =
  'w-full rounded-lg border border-edge bg-surface px-3 text-[0.9375rem] text-ink placeholder:text-muted hover:border-muted focus-visible:border-accent aria-invalid:border-bad'

interface Described {
  label: string
  hint?: ReactNode
  error?: string | null
}

type FrameProps = Described & { id: string; isLabelHidden?: boolean; children: ReactNode }

function Frame({ id, label, hint, error, isLabelHidden, children }: FrameProps) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'font-medium text-sm'}>
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-bad text-sm">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-hint`} className="text-muted text-sm">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

const describedBy = (id: string, { hint, error }: Described) =>
  error ? `${id}-error` : hint ? `${id}-hint` : undefined

type FieldProps = Described & InputHTMLAttributes<HTMLInputElement> & { isName?: boolean }

/** A line of text with its label. `isName` is for what machines read: no capitals, no corrections, even letters. */
export function Field({ label, hint, error, isName, className = '', ...input }: FieldProps) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        aria-describedby={describedBy(id, { label, hint, error })}
        aria-invalid={error ? true : undefined}
        {...(isName ? { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false, autoComplete: 'off' } : {})}
        {...input}
        className={`${box} h-10 ${isName ? 'font-mono text-sm' : ''} ${className}`}
      />
    </Frame>
  )
}

type TextAreaProps = Described & TextareaHTMLAttributes<HTMLTextAreaElement> & { isName?: boolean }

/** Several lines of text with their label. */
export function TextArea({ label, hint, error, isName, className = '', ...area }: TextAreaProps) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        rows={3}
        aria-describedby={describedBy(id, { label, hint, error })}
        aria-invalid={error ? true : undefined}
        {...(isName ? { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false, autoComplete: 'off' } : {})}
        {...area}
        className={`${box} py-2 ${isName ? 'font-mono text-sm' : ''} ${className}`}
      />
    </Frame>
  )
}

type ChoiceProps = Described & SelectHTMLAttributes<HTMLSelectElement> & { isCompact?: boolean }

/** One of several. `isCompact` is for a row of tools: the label is for screen readers only. */

export function Choice({ label, hint, error, isCompact, children, ...select }: ChoiceProps) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error} isLabelHidden={isCompact}>
      <span className="relative block">
        <select
          id={id}
          aria-describedby={describedBy(id, { label, hint, error })}
          {...select}
          className={`${box} appearance-none pr-9 ${isCompact ? 'h-8 text-sm' : 'h-10'}`}
        >
          {children}
        </select>
        <svg
          viewBox="0 0 16 16"
          aria-hidden="true"
          className={`pointer-events-none absolute right-3 size-4 text-muted ${isCompact ? 'top-2' : 'top-3'}`}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
        >
          <path d="m4 6 4 4 4-4" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      </span>
    </Frame>
  )
}
