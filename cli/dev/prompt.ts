import { createInterface, emitKeypressEvents } from 'node:readline'
import type { ReadStream } from 'node:tty'

/** Does one command. */
export type Obey = (typed: string, argument: string | undefined) => Promise<void>

/** One command a line, each after the one before, until the end of the input or `quit`. */
export async function obeyLines(input: NodeJS.ReadableStream, obey: Obey): Promise<void> {
  for await (const line of createInterface({ input })) {
    const [typed = '', argument] = line.trim().split(/\s+/)
    if (typed === 'quit' || typed === 'q') return
    if (typed) await obey(typed, argument)
  }
}

/** One key a command, each after the one before, until `q` or Ctrl-C. @param keys what else is a command */
export function obeyKeys(input: ReadStream, keys: readonly string[], obey: Obey): Promise<void> {
  emitKeypressEvents(input)
  input.setRawMode(true)
  let turn = Promise.resolve()
  return new Promise<void>((done) => {
    input.on('keypress', (_, { name = '', ctrl }: { name?: string; ctrl?: boolean }) => {
      if (name === 'q' || (ctrl && name === 'c')) done()
      else if (!ctrl && keys.includes(name)) turn = turn.then(() => obey(name, undefined))
    })
  }).finally(() => input.setRawMode(false))
}
