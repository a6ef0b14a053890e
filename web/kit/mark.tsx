/** The mortise and its tenon: a frame with a socket, and what slots into it. */
export function Mark() {
  return (
    <svg viewBox="0 0 28 28" aria-hidden="true" className="size-7">
      <path d="M3 8.5h7.5V16h7V8.5H25V25H3z" className="fill-accent" />
      <rect x="11.75" y="3" width="4.5" height="11.5" rx="1" className="fill-ink" />
    </svg>
  )
}

/** The first letters of a service in a tile: calm, always there, and nothing loaded from elsewhere. */
export function Monogram({ name, isLarge }: { name: string; isLarge?: boolean }) {
  const words = name.split(/[\s-]+/).filter(Boolean)
  const letters = words.length > 1 ? `${words[0]?.[0]}${words.at(-1)?.[0]}` : name.slice(0, 2)
  return (
    <span
      aria-hidden="true"
      className={`grid shrink-0 place-items-center rounded-xl bg-accent-soft font-semibold text-accent ${isLarge ? 'size-14 text-lg' : 'size-10 text-sm'}`}
    >
      {letters.charAt(0).toUpperCase() + letters.slice(1)}
    </span>
  )
}

/** Leads out of these pages, into a tab of its own. */
export function OutwardArrow() {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className="size-3.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
    >
      <path d="M6 3.5h6.5V10M12 4 4 12" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
