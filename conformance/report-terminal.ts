import type { Status } from './check.js'
import type { CheckResult, Reader, Report } from './report.js'

export interface Terminal {
  write(text: string): unknown
  isTTY?: boolean
}

const marks: Record<Status, [mark: string, colour: number]> = {
  pass: ['PASS', 32],
  fail: ['FAIL', 31],
  warn: ['WARN', 33],
  skip: ['SKIP', 2],
}

/** kensa's voice: says what is about to be tested, then how it went, and all about what failed. */
export function terminalReader(terminal: Terminal, { isColoured = false, isVerbose = false }): Reader {
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text)
  let isOpen = false

  /** A line that was begun and not ended, because it was interrupted. */
  function endLine(): void {
    if (isOpen) terminal.write('\n')
    isOpen = false
  }

  return {
    phase(title) {
      endLine()
      terminal.write(`\n${paint(1, `Testing ${title}`)}\n`)
    },
    begin(title) {
      endLine()
      terminal.write(`  Check ${title}`)
      isOpen = true
    },
    end(result) {
      const [mark, colour] = marks[result.status]
      const why = result.status === 'skip' ? paint(2, ` ${result.reason}`) : ''
      terminal.write(` ${paint(colour, `[${mark}]`)}${why}\n`)
      isOpen = false
      const isTold = result.status === 'fail' || result.status === 'warn'
      if (isTold || (isVerbose && result.status === 'pass')) terminal.write(details(result, isTold || isVerbose))
    },
  }
}

function details(result: CheckResult, hasEvidence: boolean): string {
  const { id, reason, rule, source, sent, received, advice } = result
  const evidence: [string, string][] = hasEvidence
    ? [
        ['sent', sent],
        ['received', received],
      ]
    : []
  const lines: [string, string][] = [
    ['', reason],
    ['rule', `${rule} (${source})`],
    ...evidence,
    ['do', advice],
    ['id', id],
  ]
  return lines
    .filter(([, text]) => text)
    .map(([name, text]) => `    ${name.padEnd(9)}${text.replaceAll('\n', `\n${' '.repeat(13)}`)}\n`)
    .join('')
}

/** The last lines: how much passed, what was cleaned up, and what could not be done. */
export function summaryText({ passed, failed, warned, skipped, cleanUp, error }: Report): string {
  const { made, left } = cleanUp
  const removed =
    made === 0
      ? 'It made no resources.'
      : left.length === 0
        ? `All ${made} resources that it made are removed.`
        : `${made - left.length} of ${made} resources that it made are removed. Left behind:\n${left.map((each) => `  ${each}\n`).join('')}`
  const counts = `${passed} passed, ${failed} failed, ${warned} warned, ${skipped} skipped.`
  return `\n${counts} ${removed.trimEnd()}\n${error ? `${error}\n` : ''}`
}
