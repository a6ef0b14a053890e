/** What a pasted `.env` text says: names with values in their order, and the lines that say nothing. */
export interface EnvText {
  vars: [name: string, value: string][]
  /** Numbers of lines that are no setting, from 1. */
  unread: number[]
}

const start = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*/
const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/** Reads `NAME=value`, quotes, `export`, comments and values over several lines, as shells and dotenv files have them. */
export function readEnvText(text: string): EnvText {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const vars = new Map<string, string>()
  const unread: number[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const found = start.exec(line)
    const name = found?.[1]
    if (!found || name === undefined) {
      unread.push(at + 1)
      continue
    }
    const rest = line.slice(found[0].length)
    const quote = rest[0]
    if (quote === '"' || quote === "'") {
      const quoted = readQuoted([rest, ...lines.slice(at + 1)].join('\n'), quote)
      if (quoted) {
        vars.set(name, quoted.value)
        at += quoted.linesMore
        continue
      }
    }
    // Without quotes a comment begins at a # after a space; one inside a word, as in a URL, belongs to the value.
    vars.set(name, rest.replace(/\s+#.*$/, '').trim())
  }
  return { vars: [...vars], unread }
}

/** @returns null when the quote is never closed: then it was meant as a letter */
function readQuoted(text: string, quote: string): { value: string; linesMore: number } | null {
  let value = ''
  for (let at = 1; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === quote) return { value, linesMore: text.slice(0, at).split('\n').length - 1 }
    if (letter === '\\' && quote === '"' && at + 1 < text.length) {
      const next = text[++at] ?? ''
      value += escapes[next] ?? (next === '"' || next === '\\' || next === '$' ? next : `\\${next}`)
    } else value += letter
  }
  return null
}
