import type { Asked, Mode, References, Taken } from './test-lock-orders.js'

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
  /** How the one row leads to the other, by columns; null when it does not. */
  up: string | null
  down: string | null
  /** Of rows of one table: by id among those of one level, from a row to the one that it is a part of, or none. */
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

/** How many rows of its own table a row is a part of: operations that others began. */
function depthOf(what: string, references: References): number {
  const parent = references.get(what)?.get('parent_id')
  return parent === undefined ? 0 : 1 + depthOf(parent, references)
}

const wayTo = (from: string, to: string, references: References) =>
  above(from, references).find(([, at]) => at === to)?.[0] ?? null

/** What is held above a row, by the way there. Now: a name may soon belong to another attachment. */
export function gatesAbove(what: string, gates: ReadonlyMap<string, Mode>, references: References): Map<string, Mode> {
  return new Map(
    above(what, references).flatMap(([path, at]): [string, Mode][] => {
      // The row above, or one that has its id: a comparison goes by its service's, a debt by its add-on's.
      const id = at.slice(at.indexOf(' '))
      return [...gates].flatMap(([gate, mode]) => (gate.endsWith(id) ? [[`${path} ${tableOf(gate)}`, mode]] : []))
    }),
  )
}

/** Orders that are alike are one edge: what matters is which table's rows, and what was held above them. */
function edgesOf(all: readonly Asked[], references: References): Edge[] {
  const edges = new Map<string, Edge>()
  for (const example of all) {
    const { held, wanted, gates, gatesOfHeld, gatesOfWanted } = example
    const [from, to] = [tableOf(held.what), tableOf(wanted.what)]
    const refers = [...(references.get(held.what)?.values() ?? [])].includes(wanted.what)
    const isByLevel = depthOf(held.what, references) === depthOf(wanted.what, references)
    const byId = isInOrder(held, wanted) || (isByLevel && held.what < wanted.what) ? 'by id' : 'none'
    const edge: Edge = {
      ...{ from, to, held: held.mode, wanted: wanted.mode, example },
      gatesOfHeld,
      gatesOfWanted,
      names: [...gates.keys()].filter((what) => /^lock \d+$/.test(what)),
      up: wayTo(held.what, wanted.what, references),
      down: wayTo(wanted.what, held.what, references),
      order: from !== to ? null : refers ? 'upwards' : byId,
    }
    const { example: _, gatesOfHeld: __, gatesOfWanted: ___, ...plain } = edge
    const said = JSON.stringify([plain, held.by, wanted.by, [...gatesOfHeld].sort(), [...gatesOfWanted].sort()])
    if (!edges.has(said)) edges.set(said, edge)
  }
  return [...edges.values()]
}

/** One statement locked its rows by id before it came to them in whatever order. */
const isInOrder = (held: Taken, wanted: Taken) =>
  held.by === wanted.by && / order by id for (?:no key )?update\)/.test(held.by)

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
 * @param areApart whether two locks on rows of one table are never on the same row
 */
export function cyclesOf(
  all: readonly Asked[],
  references: References,
  areApart: (one: Taken, other: Taken) => boolean,
): string[] {
  const edges = edgesOf(all, references)
  const number = new Map(edges.map((edge, n) => [edge, n]))
  const behind = (one: Edge) =>
    edges.filter(
      (other) =>
        other.from === one.to &&
        conflict(one.wanted, other.held) &&
        !areApart(one.example.wanted, other.example.held) &&
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
    // A row leads to one other by the same columns: one that was locked with its own, and one with another's, are two.
    const [one, other] = path
    if (path.length === 2 && one && other && (one.up !== other.down || one.down !== other.up)) return
    const goes = (...orders: Edge['order'][]) => path.every(({ order }) => orders.includes(order))
    if (goes('by id', 'upwards')) return
    // All but one go up: what that one holds would be above what it wants, and it is not.
    const [odd, ...odds] = path.filter(({ order }) => order !== 'upwards')
    if (odd?.order && odds.length === 0 && odd.down === null) return
    const name = path.map(({ from, held, to, wanted }) => `${from} (${held}) → ${to} (${wanted})`).sort()
    const lines = path.map(
      ({ order, example: { held, wanted } }) =>
        `${order === null ? '' : `  ${order}\n`}  has ${held.what}: ${held.by.slice(0, 200)}\n  wants ${wanted.what}: ${wanted.by.slice(0, 200)}`,
    )
    if (!found.has(name.join())) found.set(name.join(), `${name.join('; ')}\n${lines.join('\n')}`)
  }

  for (const edge of edges) follow([edge])
  return [...found.values()]
}
