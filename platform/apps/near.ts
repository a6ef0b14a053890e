/** Names near to what was asked for, the nearest first: typing errors, and names that it is a part of. */
export function nearNames(wanted: string, names: Iterable<string>, most = 3): string[] {
  const asked = wanted.toLowerCase().slice(0, wordCharsMax)
  const limit = Math.max(1, Math.floor(asked.length / 3))
  const rated = [...new Set(names)].map((name) => {
    const known = name.toLowerCase().slice(0, wordCharsMax)
    const isPart = asked.length >= 3 && (known.includes(asked) || asked.includes(known))
    return { name, distance: isPart ? 0 : editDistance(asked, known) }
  })
  return rated
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** Longer names are compared by their beginnings; the work grows with the square. */
const wordCharsMax = 64

/** How many characters must be put in, left out or replaced. Source: Levenshtein (1966), row by row. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[b.length] ?? 0
}
