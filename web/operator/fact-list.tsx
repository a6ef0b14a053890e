import type { ReactNode } from 'react'

interface FactListProps {
  facts: readonly [string, ReactNode][]
  /** Short enough to stand side by side on a phone. */
  isShort?: boolean
}

/** Facts in columns, each with its name above it. */
export function FactList({ facts, isShort }: FactListProps) {
  return (
    <dl className={`grid gap-x-8 gap-y-3 text-sm sm:grid-cols-3 ${isShort ? 'grid-cols-2' : ''}`}>
      {facts.map(([term, value]) => (
        <div key={term} className="grid gap-0.5">
          <dt className="text-muted">{term}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
