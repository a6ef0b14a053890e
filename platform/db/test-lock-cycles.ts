import type { Asked, Mode, References } from './test-lock-orders.js'

/** Some transaction held a row of one table and asked for a row of another, or of the same. */
interface Edge {
  from: string
  to: string
  held: Mode
  wanted: Mode
  /** What else it held, said as the way there from either row, by columns that refer. */
  gatesOfHeld: Map<string, Mode>
  gatesOfWanted: Map<string, Mode>
  /** Held by a name that is one for everybody. */
  names: string[]
  /** Of rows of one table: by id, from a row to the one that it refers to, or neither. */
  order: 'by id' | 'upwards' | 'none' | null
  example: Asked
}

/** No more than so many wait for each other in what is looked for. */
const longest = 3

const conflict = (one: Mode, other: Mode) => one === 'X' || other === 'X' || (one === 'N' && other === 'N')
const tableOf = (what: string) => /^lock quotas|^\S+/.exec(what)?.[0] ?? what

/** What is above a row, by the columns that lead there. */
function above(what: string, references: References, path = '', depth = 3): [path: string, what: string][] {
  if (depth === 0) return []
  return [...(references.get(what) ?? [])].flatMap(([by, to]): [string, string][] => [
    [`${path}/${by}`, to],
    ...above(to, references, `${path}/${by}`, depth - 1),
  ])
}

/** Orders that are alike are one edge: what matters is which table's rows, and what was held above them. */
function edgesOf(all: readonly Asked[], references: References): Edge[] {
  const edges = new Map<string, Edge>()
  for (const example of all) {
    const { held, wanted, gates } = example
    const gatesOf = (what: string) =>
      new Map(
        above(what, references).flatMap(([path, at]): [string, Mode][] => {
          // The row above, or one that has its id: a comparison goes by its service's, a debt by its add-on's.
          const id = at.slice(at.indexOf(' '))
          return [...gates].flatMap(([gate, mode]) => (gate.endsWith(id) ? [[`${path} ${tableOf(gate)}`, mode]] : []))
        }),
      )
    const [from, to] = [tableOf(held.what), tableOf(wanted.what)]
    const refers = [...(references.get(held.what)?.values() ?? [])].includes(wanted.what)
    const edge: Edge = {
      ...{ from, to, held: held.mode, wanted: wanted.mode, example },
      gatesOfHeld: gatesOf(held.what),
      gatesOfWanted: gatesOf(wanted.what),
      names: [...gates.keys()].filter((what) => /^lock \d+$/.test(what)),
      order: from !== to ? null : refers ? 'upwards' : held.what < wanted.what ? 'by id' : 'none',
    }
    const { example: _, gatesOfHeld, gatesOfWanted, ...plain } = edge
    const said = JSON.stringify([plain, [...gatesOfHeld].sort(), [...gatesOfWanted].sort()])
    if (!edges.has(said)) edges.set(said, edge)
  }
  return [...edges.values()]
}

/** Two who come to the same row, and hold the same thing above it: they are not under way at once. */
function shareGate(one: Map<string, Mode>, other: Map<string, Mode>): boolean {
  return [...one].some(([path, mode]) => {
    const theirs = other.get(path)
    return theirs !== undefined && conflict(mode, theirs)
  })
}

/**
 * Rings of waiting: each holds what the one before it wants, and nothing keeps them apart. Told once for each set of tables,
 * with the statements of an example.
 */
export function cyclesOf(all: readonly Asked[], references: References): string[] {
  const edges = edgesOf(all, references)
  const number = new Map(edges.map((edge, n) => [edge, n]))
  const behind = (one: Edge) =>
    edges.filter(
      (other) =>
        other.from === one.to &&
        conflict(one.wanted, other.held) &&
        !shareGate(one.gatesOfWanted, other.gatesOfHeld) &&
        !one.names.some((name) => other.names.includes(name)),
    )
  const next = new Map(edges.map((edge) => [edge, behind(edge)]))
  const found = new Map<string, string>()

  function follow(path: readonly Edge[]): void {
    const first = path[0] as Edge
    for (const one of next.get(path.at(-1) as Edge) ?? []) {
      if (one === first) tell(path)
      // Each ring is walked from its first edge only.
      else if (path.length < longest && (number.get(one) ?? 0) > (number.get(first) ?? 0)) follow([...path, one])
    }
  }

  function tell(path: readonly Edge[]): void {
    const orders = new Set(path.map(({ order }) => order))
    if (orders.size === 1 && (orders.has('by id') || orders.has('upwards'))) return
    const name = path.map(({ from, held, to, wanted }) => `${from} (${held}) → ${to} (${wanted})`).sort()
    const lines = path.map(
      ({ example: { held, wanted } }) =>
        `  has ${held.what}: ${held.by.slice(0, 200)}\n  wants ${wanted.what}: ${wanted.by.slice(0, 200)}`,
    )
    if (!found.has(name.join())) found.set(name.join(), `${name.join('; ')}\n${lines.join('\n')}`)
  }

  for (const edge of edges) follow([edge])
  return [...found.values()]
}
