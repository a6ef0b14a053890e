export const roles = ['all', 'api', 'worker'] as const
/** all: API, workers, and the one place where apps run · api: answers only · worker: background work only. */
export type Role = (typeof roles)[number]

/** One process of this installation, as it told of itself. */
export interface Process {
  id: string
  role: Role
  host: string
  pid: number
  /** With `pid` one process for good: numbers are used again. */
  pidStart: string
  /** `HOST:PORT` at which the others reach it. */
  address: string | null
  version: string
  /** Versions of the master keys that it knows, and the one it seals with. */
  keys: number[]
  sealsWith: number | null
  startedAt: Date
  beatAt: Date
  /** No beat for `silentMs`: dead, paused, or cut off from the database. */
  isSilent: boolean
}

export const beatMs = 5_000
/** Without a beat for so long a process counts as gone, and its place may be taken. Three beats may get lost. */
export const silentMs = 20_000
/**
 * Without a beat for so long whatever it asked has ended (an answer is waited for 25 s), so what it held is given to others.
 * Sooner when it is known to be dead: it left, or its place on its own machine was taken.
 */
export const goneMs = 35_000
/** Silent ones are shown this long, so that an operator sees what went away. */
export const shownMs = 600_000
