import type { ReactNode } from 'react'

export type Tone = 'neutral' | 'good' | 'busy' | 'bad' | 'warn'

const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-soft',
  good: 'bg-good-soft text-good',
  busy: 'bg-accent-soft text-accent',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
}

/** A state in a word. The dot only repeats what the word says; it breathes while something is under way. */
export function Badge({
  tone = 'neutral',
  dot = false,
  children,
}: {
  tone?: Tone
  dot?: boolean
  children: ReactNode
}) {
  return (
    <span
      className={`inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2.5 font-medium text-xs whitespace-nowrap ${tones[tone]}`}
    >
      {dot && (
        <span
          aria-hidden="true"
          className={`size-1.5 rounded-full bg-current ${tone === 'busy' ? 'animate-breathe' : ''}`}
        />
      )}
      {children}
    </span>
  )
}

/** A name as it is typed: a config var, an attachment, an id. */
export function Name({ children }: { children: ReactNode }) {
  return (
    <code className="rounded-md border border-line bg-sunken px-1.5 py-0.5 text-soft text-xs [overflow-wrap:anywhere]">
      {children}
    </code>
  )
}
