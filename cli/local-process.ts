import { spawn } from 'node:child_process'
import os from 'node:os'
import { Failure } from './failure.js'

/** A program that is told to end has this long; then it is killed. Source: Dev Center, "Dynos" (30 s after SIGTERM). */
export const endMsMax = 30_000

/**
 * Runs a program here, in this terminal, and waits for its end. Signals that reach only us are handed on.
 * @param until ends it with SIGTERM when aborted
 * @returns its status as a shell tells it
 * @throws Failure when there is no such program
 */
export function runHere(
  words: readonly string[],
  env: Record<string, string | undefined>,
  until?: AbortSignal,
): Promise<number> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { stdio: 'inherit', env })
  // Ctrl-C reaches the child by itself; we only must not die before it.
  const ignore = () => undefined
  const handOn = (signal: NodeJS.Signals) => void child.kill(signal)
  let patience: NodeJS.Timeout | undefined
  const end = () => {
    child.kill('SIGTERM')
    patience = setTimeout(() => child.kill('SIGKILL'), endMsMax)
  }
  until?.addEventListener('abort', end, { once: true })
  process.on('SIGINT', ignore)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, handOn)
  return new Promise<number>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const sentence = cause.code === 'ENOENT' ? `There is no program "${program}" here.` : cause.message
      reject(new Failure(sentence, { exitCode: cause.code === 'ENOENT' ? 127 : 126, cause }))
    })
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)))
  }).finally(() => {
    clearTimeout(patience)
    until?.removeEventListener('abort', end)
    process.off('SIGINT', ignore)
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, handOn)
  })
}
