import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What an app did not expect. */
export interface Exception {
  at: string
  type: string
  message: string
  stack: string | null
}

export interface Journal {
  append(account: string, exception: Exception): void
  /** Newest first. */
  newest(account: string, most: number): Exception[]
  remove(account: string): void
}

/** One file of JSON lines for each account, cut back to its newest half when it holds twice as many as are kept. */
export function openJournal(dir: string, keptMax: (account: string) => number): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const counts = new Map<string, number>()
  const fileOf = (account: string) => join(dir, `${account}.jsonl`)
  const read = (account: string): Exception[] => linesOf(fileOf(account)).flatMap(parse)

  return {
    append(account, exception) {
      const count = (counts.get(account) ?? linesOf(fileOf(account)).length) + 1
      appendFileSync(fileOf(account), `${JSON.stringify(exception)}\n`, { mode: 0o600 })
      counts.set(account, count)
      const most = keptMax(account)
      if (count < most * 2) return
      const kept = read(account).slice(-most)
      writeFileSync(fileOf(account), kept.map((each) => `${JSON.stringify(each)}\n`).join(''), { mode: 0o600 })
      counts.set(account, kept.length)
    },
    newest: (account, most) =>
      read(account)
        .slice(-Math.min(most, keptMax(account)))
        .reverse(),
    remove(account) {
      rmSync(fileOf(account), { force: true })
      counts.delete(account)
    },
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** A crash may have cut the last line off. */
function parse(line: string): Exception[] {
  try {
    return [JSON.parse(line) as Exception]
  } catch {
    return []
  }
}
