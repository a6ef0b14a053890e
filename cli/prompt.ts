import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Failure, wrongUsage } from './failure.js'

/** Whether a person can be asked: both what they type and what they see is a terminal. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY)
}

/** Asks on stderr, so that stdout holds results only. @throws Failure when the person closes the input */
export async function ask(question: string, options: { hidden?: boolean } = {}): Promise<string> {
  let muted = false
  const echo = new Writable({
    write(chunk, _encoding, written) {
      if (!muted) process.stderr.write(chunk)
      written()
    },
  })
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new Failure('Nothing was entered, nothing was done.')))
      // Ctrl-C leaves the cursor behind the question.
      lines.once('SIGINT', () => {
        process.stderr.write('\n')
        lines.close()
      })
      lines.question(question).then(resolve, reject)
      muted = options.hidden ?? false
    })
  } finally {
    lines.close()
    if (options.hidden) process.stderr.write('\n')
  }
}

/** All of standard input, without its last line end. For secrets that must not stand on a command line. */
export async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) throw wrongUsage('Standard input is a terminal.', 'Pipe the secret in instead.')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > 64 * 1024) throw wrongUsage('Standard input is too long for a secret.')
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
