/** `2026-11-23 22:43:15 UTC (2 min ago)`: sortable, and the same on every machine. */
export function when(timestamp: string, now: Date): string {
  const at = new Date(timestamp)
  if (Number.isNaN(at.getTime())) return timestamp
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC (${ago(at, now)})`
}

/** How long ago, roughly, in words. A clock that is ahead of ours reads as "just now". */
export function ago(at: Date, now: Date): string {
  const seconds = Math.floor((now.getTime() - at.getTime()) / 1000)
  if (seconds < 10) return 'just now'
  return `${span(seconds)} ago`
}

/** A length of time in its largest unit: `45 s`, `3 min`, `5 h`, `12 days`. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}
