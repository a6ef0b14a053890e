import { span } from './time.js'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMs = 100

interface Output {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

/** One thing that is being done, told on stderr while stdout stays for results. */
export interface Progress {
  /** Says how far it is: replaces the line on a terminal, adds a line elsewhere. Repeating a text adds nothing. */
  update(status: string): void
  /** Ends the line. Only the first ending counts. */
  done(result?: string): void
  failed(): void
}

/** Starts telling. On a terminal a spinner with the elapsed time, elsewhere plain lines without any codes. */
export function startProgress(title: string, output: Output, now: () => number = Date.now): Progress {
  return output.isTTY ? spinner(title, output, now) : plainLines(title, output)
}

/** For --json: nothing is told. */
export const silentProgress: Progress = { update() {}, done() {}, failed() {} }

function spinner(title: string, output: Output, now: () => number): Progress {
  const startedAt = now()
  let status = ''
  let frame = 0
  let open = true
  const draw = () => {
    const seconds = (now() - startedAt) / 1000
    const elapsed = seconds >= 1 ? ` (${span(seconds)})` : ''
    const text = `${frames[frame++ % frames.length]} ${title}…${status ? ` ${status}` : ''}${elapsed}`
    // Cut to the width: a wrapped line could not be replaced by the next one.
    output.write(`\r\u001b[K${text.slice(0, Math.max(10, (output.columns || 80) - 1))}`)
  }
  draw()
  const timer = setInterval(draw, frameMs)
  timer.unref()
  const end = (result: string) => {
    if (!open) return
    open = false
    clearInterval(timer)
    output.write(`\r\u001b[K${title}… ${result}\n`)
  }
  return {
    update(next) {
      status = next
    },
    done: (result = 'done') => end(result),
    failed: () => end('failed'),
  }
}

function plainLines(title: string, output: Output): Progress {
  let status = ''
  let open = true
  output.write(`${title}...\n`)
  const end = (result: string) => {
    if (!open) return
    open = false
    output.write(`${title}... ${result}\n`)
  }
  return {
    update(next) {
      if (next !== status) output.write(`${title}... ${next}\n`)
      status = next
    },
    done: (result = 'done') => end(result),
    failed: () => end('failed'),
  }
}
