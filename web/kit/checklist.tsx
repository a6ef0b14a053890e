import { Badge } from './badge.js'

interface Point {
  holds: boolean
  title: string
  /** What to do where it does not hold. */
  todo?: string
}

/** What is asked for, and whether each point of it is there. @param held the word for one that is */
export function Checklist({ points, held }: { points: readonly Point[]; held: string }) {
  return (
    <ul className="grid gap-2">
      {points.map(({ holds, title, todo }) => (
        <li key={title} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <Badge tone={holds ? 'good' : 'warn'}>{holds ? held : 'Missing'}</Badge>
          <span>{title}</span>
          {!holds && todo && <span className="text-muted [overflow-wrap:anywhere]">{todo}</span>}
        </li>
      ))}
    </ul>
  )
}
