import { spawn } from 'node:child_process'
import os from 'node:os'
import { Failure } from './failure.js'

/**
 * Runs a program here, in this terminal, and waits for its end. Signals that reach only us are handed on.
 * @returns its status as a shell tells it
 * @throws Failure when there is no such program
 */
export function runHere(words: readonly string[], env: Record<string, string | undefined>): Promise<number> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { stdio: 'inherit', env })
  // Ctrl-C reaches the child by itself; we only must not die before it.
  const ignore = () => undefined
  const handOn = (signal: NodeJS.Signals) => void child.kill(signal)
  process.on('SIGINT', ignore)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, handOn)
  return new Promise<number>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const sentence = cause.code === 'ENOENT' ? `There is no program "${program}" here.` : cause.message
      reject(new Failure(sentence, { exitCode: cause.code === 'ENOENT' ? 127 : 126, cause }))
    })
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)))
  }).finally(() => {
    process.off('SIGINT', ignore)
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, handOn)
  })
}
