/**
 * Names that a person may have meant, nearest first: at most a third of the letters differ.
 */
export function nearNames(given: string, known: Iterable<string>, max = 3): string[] {
  const wanted = given.toLowerCase()
  return [...new Set(known)]
    .map((name) => ({ name, distance: distanceOf(wanted, name) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, max)
    .map(({ name }) => name)
}

/** How many letters to add, drop, change or swap. Spaces and hyphens for colons count as no mistake. */
function distanceOf(given: string, name: string): number {
  const a = given.replace(/[ -]/g, ':')
  const b = name
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i])
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1)
      }
      rows[i]![j] = least
    }
  }
  return rows[a.length]![b.length]!
}
