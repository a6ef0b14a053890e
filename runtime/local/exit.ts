import type { Exit } from '../process/group.js'

/** The shell's number: 128 and the signal's for a process that a signal ended, as Heroku prints it. */
export function statusOf({ code, signal }: Exit): number {
  return code ?? 128 + (signals[signal ?? ''] ?? 0)
}

const signals: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}

export const described = (exit: Exit | undefined) => (exit ? `exited with status ${statusOf(exit)}` : 'ended')
